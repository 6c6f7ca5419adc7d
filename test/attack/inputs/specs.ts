/** Mutated specs: check, format and plan answer with sentences, and in time. */
import { readdirSync, readFileSync } from 'node:fs';
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    problemsOf,
} from '../../../src/language/index-node.ts';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import type { Problem } from '../../../src/plan/problem.ts';
import { edited, random } from '../../language/fuzz/edits.ts';
import { seeds } from '../../language/fuzz/fuzz.ts';
import { badMessage, portion, type Scale, Tally } from '../kit.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
/** A spec of usual size is checked, formatted and planned in this many milliseconds, many times over. */
const SLOWEST = 5000;

/** Up to this many edits or changed tokens per text. */
const MOST_EDITS = 6;

export async function mutatedSpecs(scale: Scale): Promise<Tally> {
    const tally = new Tally('mutated specs (check, format, plan)');
    const next = random(scale.seed);
    const texts = [...seeds(), ...caseTexts()];
    const tokens = [...new Set(texts.flatMap((text) => text.match(TOKEN) ?? []))].concat(STRANGE);
    const language = createNodeLanguage();
    const uri = new URL('mutated.sdspec', EXAMPLES).toString();
    for (let i = 0; i < portion(20_000, scale); i++) {
        let text = texts[i % texts.length]!;
        for (let edits = 1 + Math.floor(next() ** 2 * MOST_EDITS); edits > 0; edits--)
            text = next() < 0.5 ? edited(text, next, texts) : withOtherToken(text, tokens, next);
        await tally.try(text, async () => {
            const begin = process.cpuUsage();
            const document = await language.parseText(text, uri);
            const problems: Problem[] = [...problemsOf(document)];
            formatted(document);
            for (const { name } of listRunnables(document))
                problems.push(...lowerRun(document, name, { files: nodeFiles }).problems);
            const { user, system } = process.cpuUsage(begin);
            const took = (user + system) / 1000;
            for (const { code, message, fix } of problems) {
                const bad = badMessage(message, text) ?? badMessage(fix?.title ?? '', text);
                if (bad) return `${code}: ${bad}`;
            }
            return took > SLOWEST ? `it took ${took.toFixed(0)} ms` : undefined;
        });
    }
    return tally;
}

const TOKEN = /"""[\s\S]*?"""|"[^"\n]*"|[\w.@%-]+|->|\.\.|[^\s\w]/g;
const STRANGE = [
    '"//host/share/a.png"',
    '"//"',
    '"/"',
    '""',
    '"file://host/a"',
    '"http://a/b"',
    '"hf:"',
    '"hf:a/b/c"',
    '"builtin:"',
    '"builtin:none"',
    '"\\u0000"',
    '"*/*/**/*.png"',
    '"{"',
    '"{}"',
    '"<>"',
    '"constructor"',
    '__proto__',
    'constructor',
    'toString',
    '1e400',
    '-0',
    '99999999999999999999',
    '0.0000000000000000000001',
    '0x0',
    '1x99999999999',
    'sha256:00',
    'import {',
    'extends',
];

/** One token less, twice, or another one in its place. */
function withOtherToken(text: string, tokens: readonly string[], next: () => number): string {
    const all = [...text.matchAll(TOKEN)];
    const at = all[Math.floor(next() * all.length)];
    if (!at) return text;
    const other = () => tokens[Math.floor(next() * tokens.length)]!;
    const kind = next();
    const put = kind < 0.2 ? '' : kind < 0.3 ? `${at[0]} ${at[0]}` : kind < 0.5 ? `${at[0]} ${other()}` : other();
    return text.slice(0, at.index) + put + text.slice(at.index + at[0].length);
}

/** The specs of the examples' folders and of the reference's checks. */
function caseTexts(): readonly string[] {
    const cases = readFileSync(new URL('../../../docs/language/checks.md', import.meta.url), 'utf8');
    const blocks = [...cases.matchAll(/```(?:sdspec)?\n([\s\S]*?)```/g)].map(([, text]) => text!.replace(/[«»]/g, ''));
    const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((one) => one.isDirectory());
    const files = folders.flatMap(({ name }) =>
        readdirSync(new URL(`${name}/`, EXAMPLES))
            .filter((file) => file.endsWith('.sdspec'))
            .map((file) => readFileSync(new URL(`${name}/${file}`, EXAMPLES), 'utf8')),
    );
    return [...blocks, ...files];
}
