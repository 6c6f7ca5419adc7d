/** The workbench of the language's tests: texts in, problems and plans out. The only file of them that touches the API. */
import { EmptyFileSystem } from 'langium';
import {
    type FileAccess,
    Language,
    listRunnables,
    lowerRun,
    problemsOf,
    type SpecDocument,
} from '../../src/language/index.ts';
import type { Fix, Problem } from '../../src/plan/problem.ts';
import type { Run, Work } from '../../src/plan/run.ts';

/** Files by path below memory:///: the size of a picture, the text of a file, or 'folder'. */
export type Files = Readonly<Record<string, readonly [width: number, height: number] | string>>;

const ROOT = 'memory:///';
let count = 0;

/** A language whose disk is a table. */
export function languageWith(files: Files = {}): Language {
    return new Language({ ...EmptyFileSystem, files: fileAccess(files) });
}

const plain = languageWith();

export async function parse(text: string, language: Language = plain, name?: string): Promise<SpecDocument> {
    return language.parseText(text, `${ROOT}${name ?? `spec-${count++}.sdspec`}`);
}

export async function problems(text: string, files?: Files): Promise<readonly Problem[]> {
    return problemsOf(await parse(text, files ? languageWith(files) : plain));
}

/** `code` at the text that it underlines, for each problem. */
export function told(problems: readonly Problem[], text: string): readonly string[] {
    return problems.map(({ code, where }) => `${code} «${slice(text, where)}»`);
}

export function slice(text: string, { start, end }: Pick<Problem['where'], 'start' | 'end'>): string {
    return text.slice(offset(text, start), offset(text, end));
}

function offset(text: string, { line, character }: Problem['where']['start']): number {
    const lines = text.split('\n');
    return lines.slice(0, line).reduce((sum, l) => sum + l.length + 1, 0) + character;
}

/** The text after a fix. */
export function fixed(text: string, fix: Fix): string {
    const changes = [fix, ...(fix.also ?? [])].sort(
        (a, b) => offset(text, b.where.start) - offset(text, a.where.start),
    );
    return changes.reduce(
        (all, { where, newText }) =>
            all.slice(0, offset(text, where.start)) + newText + all.slice(offset(text, where.end)),
        text,
    );
}

/** The run of a spec's last runnable, or of one by name; throws with the problems where there is none. */
export async function run(
    text: string,
    { name, files, params }: { name?: string; files?: Files; params?: Readonly<Record<string, string>> } = {},
): Promise<Run> {
    const document = await parse(text, files ? languageWith(files) : plain);
    const wanted = name ?? listRunnables(document).at(-1)?.name ?? '';
    const options = { ...(files ? { files: fileAccess(files) } : {}), ...(params ? { params } : {}) };
    const { value, problems } = lowerRun(document, wanted, options);
    if (value) return value;
    throw new Error(problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
}

/** The work of a spec's last runnable, which must be of a kind. */
export async function plan<Kind extends Work['kind']>(
    kind: Kind,
    text: string,
    options: Parameters<typeof run>[1] = {},
): Promise<Extract<Work, { kind: Kind }>> {
    const { work } = await run(text, options);
    if (work.kind !== kind) throw new Error(`This is a ${work.kind}, not a ${kind}.`);
    return work as Extract<Work, { kind: Kind }>;
}

/** The codes that prevent a run. */
export async function refused(
    text: string,
    { name, files, params }: { name?: string; files?: Files; params?: Readonly<Record<string, string>> } = {},
): Promise<readonly string[]> {
    const document = await parse(text, files ? languageWith(files) : plain);
    const wanted = name ?? listRunnables(document).at(-1)?.name ?? '';
    const options = { ...(files ? { files: fileAccess(files) } : {}), ...(params ? { params } : {}) };
    const { value, problems } = lowerRun(document, wanted, options);
    return value ? ['runs'] : problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}

export function fileAccess(files: Files): FileAccess {
    const at = (uri: string) => files[decodeURIComponent(uri.replace(/^memory:\/+/, ''))];
    return {
        kindOf: (uri) => (at(uri) === undefined ? undefined : at(uri) === 'folder' ? 'folder' : 'file'),
        glob: (folder, pattern) => {
            const prefix = folder.replace(/^memory:\/+/, '');
            const tail = pattern.replace(/^\.\//, '');
            const source = tail
                .replace(/[.+^${}()|[\]\\]/g, '\\$&')
                .replaceAll('*', '[^/]*')
                .replaceAll('?', '[^/]');
            const fits = new RegExp(`^${prefix ? `${prefix}/` : ''}${source}$`);
            return Object.keys(files)
                .filter((path) => fits.test(path))
                .map((path) => path.slice(prefix ? prefix.length + 1 : 0))
                .sort();
        },
        pictureSize: (uri) => {
            const file = at(uri);
            return Array.isArray(file) ? { width: file[0], height: file[1] } : undefined;
        },
        readText: (uri) => {
            const file = at(uri);
            return typeof file === 'string' && file !== 'folder' ? file : undefined;
        },
        // A weights file is written as `head` and the shapes of its tensors.
        modelHead: (uri) => {
            const [, json] = /^head (.*)$/.exec(String(at(uri))) ?? [];
            if (!json) return undefined;
            const shapes = Object.entries<readonly number[]>(JSON.parse(json));
            return { tensors: new Map(shapes.map(([name, shape]) => [name, { shape }])), metadata: {} };
        },
        // A built-in model knows the words of a file of this name.
        knownWords: () =>
            typeof files['vocabulary'] === 'string' ? new Set(files['vocabulary'].split(' ')) : undefined,
        // Words stand for tokens: enough to see that prompts are counted.
        countTokens: (_model, _folder, text) => {
            const words = text.split(/\s+/);
            return { count: words.length, limit: 75, lost: words.slice(75).join(' ') };
        },
    };
}
