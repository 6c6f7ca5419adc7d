/** Linking: names of this file, of imported files and of the library; nothing else. */
import { AstUtils } from 'langium';
import { expect, test } from 'vitest';
import { lowerRun, problemsOf } from '../../../src/language/index.ts';
import { SAMPLER_NAMES, SCHEDULES } from '../../../src/plan/samplers.ts';
import { siteNames } from '../../../src/plan/sites.ts';
import { languageWith, parse } from '../workbench.ts';

/** The problems of the last of some files, which are named by their keys. */
async function linked(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const language = languageWith();
    for (const [name, text] of Object.entries(files)) await parse(text, language, name);
    const [name, text] = Object.entries(files).at(-1)!;
    return problemsOf(await parse(text, language, name))
        .filter(({ severity }) => severity === 'error')
        .map(({ code }) => code);
}

const LIB = 'prompt turtle = "a turtle"\nimage pic = "a.png"\nparam style = "ink"\ngenerate base { prompt turtle }';

test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
        'imported names',
        { 'lib.sdspec': LIB, 'a.sdspec': 'import { turtle } from "./lib.sdspec"\ngenerate a { prompt turtle }' },
        [],
    ],
    [
        'aliases',
        { 'lib.sdspec': LIB, 'a.sdspec': 'import { turtle as t } from "./lib.sdspec"\ngenerate a { prompt t }' },
        [],
    ],
    [
        'the name behind an alias',
        { 'lib.sdspec': LIB, 'a.sdspec': 'import { turtle as t } from "./lib.sdspec"\ngenerate a { prompt turtle }' },
        ['name/unknown'],
    ],
    [
        'names of files that are not imported',
        { 'lib.sdspec': LIB, 'a.sdspec': 'generate a { prompt turtle }' },
        ['name/unknown'],
    ],
    [
        'names that an import imports',
        {
            'lib.sdspec': LIB,
            'b.sdspec': 'import { turtle } from "./lib.sdspec"\nprompt x = "y"',
            'a.sdspec': 'import { turtle } from "./b.sdspec"',
        },
        ['import/unknown'],
    ],
    [
        'other folders',
        { 'deep/lib.sdspec': LIB, 'a.sdspec': 'import { base } from "./deep/lib.sdspec"\ngenerate a extends base { }' },
        [],
    ],
    [
        'own names before imported ones',
        {
            'lib.sdspec': LIB,
            'a.sdspec':
                'import { pic } from "./lib.sdspec"\nprompt turtle = "mine"\ngenerate a { prompt turtle start from pic }',
        },
        [],
    ],
    [
        'own names before the library',
        { 'a.sdspec': 'prompt euler = "x"\ngenerate a { prompt euler sampler euler }' },
        [],
    ],
    [
        'members stay within their ensemble',
        { 'a.sdspec': 'ensemble e { calm "x" storm "y" }\ngenerate a { prompt calm }' },
        ['name/unknown'],
    ],
    [
        'an import of itself',
        { 'a.sdspec': 'import { x } from "./a.sdspec"\nprompt x = "y"' },
        ['import/cycle', 'name/taken'],
    ],
])('%s', async (_what, files, codes) => expect([...(await linked(files))].sort()).toEqual([...codes].sort()));

test('what another file imports is used', async () => {
    const language = languageWith();
    const text = 'prompt turtle = "a turtle"\nprompt frog = "a frog"\ngenerate a { seed 1 }';
    await parse(text, language, 'lib.sdspec');
    await parse('import { turtle } from "./lib.sdspec"\ngenerate b { prompt turtle }', language, 'a.sdspec');
    const unused = problemsOf(await parse(text, language, 'lib.sdspec')).filter(({ code }) => code === 'name/unused');
    expect(unused.map(({ message }) => message)).toEqual(['`frog` is not used.']);
});

test('paths of imported files are relative to the file that writes them', async () => {
    const language = languageWith({ 'shared/art/a.png': [8, 8] });
    await parse('image pic = "./art/a.png"', language, 'shared/lib.sdspec');
    const document = await parse(
        'import { pic } from "../shared/lib.sdspec"\ngenerate a { start from pic }',
        language,
        'study/a.sdspec',
    );
    const { value } = lowerRun(document, 'a');
    expect(value?.work.kind === 'picture' && value.work.start?.pictures[0]?.picture).toEqual({
        kind: 'file',
        path: '../shared/art/a.png',
    });
});

test('params of imported files can be given by the names that the spec has for them', async () => {
    const language = languageWith();
    await parse('param style = "ink"\ngenerate base { prompt "a {style} turtle" }', language, 'lib.sdspec');
    const document = await parse(
        'import { base, style as look } from "./lib.sdspec"\ngenerate a extends base { }',
        language,
        'a.sdspec',
    );
    const words = (params: Record<string, string>) => JSON.stringify(lowerRun(document, 'a', { params }).value?.work);
    expect(words({ look: 'oil' })).toContain('a oil turtle');
    expect(words({ style: 'oil' })).toContain('a oil turtle');
});

test('every layer, sampler and schedule is in the library, by all of its names', async () => {
    const layers = [...siteNames(), ...Array.from({ length: 12 }, (_, k) => `skip[${k}]`)];
    const text = `
        layers all = ${layers.join(', ')}
        ${SAMPLER_NAMES.map((name, i) => `generate s${i} { prompt "x" sampler ${name} }`).join('\n')}
        ${SCHEDULES.map((name, i) => `generate t${i} { prompt "x" sampler euler on ${name} }`).join('\n')}`;
    const document = await parse(text);
    const lost = document.references.filter(({ error }) => error).map(({ $refText }) => $refText);
    expect(lost).toEqual([]);
});

test('the library is read without problems, and every declaration in it is documented', async () => {
    const { services } = languageWith();
    await services.shared.workspace.WorkspaceManager.initializeWorkspace([]);
    const documents = services.shared.workspace.LangiumDocuments.all
        .filter(({ uri }) => uri.scheme === 'builtin')
        .toArray();
    expect(documents.map(({ uri }) => uri.toString())).toEqual([
        'builtin:/layers.sdspec',
        'builtin:/samplers.sdspec',
        'builtin:/weights.sdspec',
    ]);
    for (const { parseResult } of documents) {
        expect([...parseResult.lexerErrors, ...parseResult.parserErrors]).toEqual([]);
        for (const node of AstUtils.streamContents(parseResult.value)) {
            const doc = services.sdspec.documentation.DocumentationProvider.getDocumentation(node);
            expect(doc?.length, node.$cstNode?.text).toBeGreaterThan(20);
        }
    }
});

test('a missing import offers the file that declares the name', async () => {
    const language = languageWith();
    await parse(LIB, language, 'lib.sdspec');
    const document = await parse('generate a { prompt turtle }', language, 'a.sdspec');
    expect(problemsOf(document)[0]?.fix).toMatchObject({ newText: 'import { turtle } from "./lib.sdspec"\n\n' });
});
