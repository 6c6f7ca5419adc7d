/** A spec alone asks for nothing on the network, and for no share of another machine: whatever its paths and names are. */

import type { FileAccess } from '../../../src/language/host/files.ts';
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    problemsOf,
} from '../../../src/language/index-node.ts';
import { Editor, MODELS } from '../../language/lsp/editor.ts';
import { badMessage, type Scale, some, Tally } from '../kit.ts';

const ADDRESSES = [
    'file://host/share/a',
    'FILE://host/share/a',
    'file:////host/share/a',
    'file://///host/share/a',
    'file:\\\\\\\\host\\\\share\\\\a',
    'file:/\\\\host/share/a',
    'file://127.0.0.1/c$/a',
    'file://host@80/a',
    'file://[::1]/a',
    '//host/share/a',
    '///host/share/a',
    '\\\\\\\\host\\\\share\\\\a',
    '/\\\\host/share/a',
    '\\\\/host/share/a',
    './/host/share/a',
    '.\\\\\\\\host\\\\a',
    '//?/UNC/host/share/a',
    '\\\\\\\\?\\\\UNC\\\\host\\\\share\\\\a',
    '//./pipe/a',
    'http://host/a',
    'https://host/a',
    'HTTPS://host/a',
    'ftp://host/a',
    'smb://host/a',
    'ws://host/a',
    'data:image/png;base64,AAAA',
    'blob:a',
    'vscode://a',
    'hf:owner/name',
    'hf:owner/name/a',
    'hf://owner/name',
    'git+ssh://host/a',
    './%2f%2fhost/share/a',
    './..%2f..%2f/host/a',
    'file:%2f%2fhost/share/a',
    'file:///%2fhost/share/a',
    'file:///%5c%5chost/a',
    './\\u002f/host/share',
    '\\u005c\\u005chost\\u005cshare',
];

const PLACES: Readonly<Record<string, (address: string) => string>> = {
    image: (address) => `image p = "${address}.png"\ngenerate g { prompt "x" infuse p start from p }`,
    edges: (address) => `image q = "${address}.png"\nimage p = edges of q\ngenerate g { prompt "x" start from p }`,
    set: (address) => `image p = "${address}/*.png"\ngenerate g { prompt "x" infuse p }`,
    model: (address) => `model m = "${address}.safetensors"\ngenerate g { use m prompt "x" }`,
    vae: (address) => `model m = "./m.safetensors" vae "${address}.safetensors"\ngenerate g { use m prompt "x" }`,
    import: (address) => `import { a } from "${address}.sdspec"\ngenerate g extends a { }`,
    lora: (address) => `lora l = "${address}.safetensors"\ngenerate g { prompt "x" apply l }`,
    embedding: (address) => `embedding e = "${address}.safetensors"\ngenerate g { prompt "<e>" }`,
    controlnet: (address) =>
        `image p = "./p.png"\ncontrolnet c = "${address}"\ngenerate g { prompt "x" control c by p }`,
    upscaler: (address) =>
        `upscaler u = "${address}.safetensors"\ngenerate g { prompt "x" }\nprint w { of g upscale u paper 1x1cm at 72dpi }`,
    noise: (address) => `generate g { prompt "x" noise "${address}.safetensors" }`,
    expectation: (address) =>
        `image golden = "${address}.png"\ngenerate g { prompt "x" expect { image ssim to golden >= 0.9 } }`,
    learn: (address) => `image p = "${address}/*.png"\nlearn l { lora rank 4 from p "x" }`,
};

export async function networkOfSpecs(scale: Scale): Promise<Tally> {
    const tally = new Tally('network by a spec alone');
    const cases = Object.entries(PLACES).flatMap(([place, text]) =>
        ADDRESSES.map((address) => ({ what: `${place}: ${address}`, text: text(address) })),
    );
    const asked: string[] = [];
    const files = watched(nodeFiles, asked);
    const network = watchNetwork(asked);
    const language = createNodeLanguage();
    const editor = await Editor.start({ models: MODELS, files });
    for (const { what, text } of some(cases, scale))
        await tally.try(what, async () => {
            asked.length = 0;
            const document = await language.parseText(text, 'file:///attack/a/b/c.sdspec');
            const problems = [...problemsOf(document)];
            const paths: string[] = [];
            for (const { name } of listRunnables(document)) {
                const { value, problems: more } = lowerRun(document, name, { files });
                problems.push(...more);
                paths.push(...pathsIn(value));
            }
            await editor.hover(text.replace(/(?<=")\n|$/, '|\n'));
            const elsewhere = [...asked, ...paths].find(leadsElsewhere);
            if (elsewhere) return `it asked for ${elsewhere}`;
            return problems.map(({ message }) => badMessage(message, text)).find(Boolean);
        });
    network.restore();
    return tally;
}

/**
 * Addresses of other machines, as Node on Windows would open them: `file://host/…`, `//host`, `\\host`. Encoded slashes it
 * refuses, and of other schemes no file is read.
 */
function leadsElsewhere(asked: string): boolean {
    if (/^file:/i.test(asked)) return !/^file:\/\/\/(?![/\\])/i.test(asked);
    return /^[\\/]{2}|^network:/i.test(asked);
}

/** File access that remembers the address of everything that it is asked for. */
function watched(files: FileAccess, asked: string[]): FileAccess {
    const watch = <Value>(value: Value): Value =>
        (typeof value === 'function'
            ? (...all: unknown[]) => {
                  if (typeof all[0] === 'string') asked.push(all[0]);
                  return (value as unknown as (...more: unknown[]) => unknown)(...all);
              }
            : value) as Value;
    return Object.fromEntries(
        Object.entries(files).map(([name, value]) => [name, watch(value)]),
    ) as unknown as FileAccess;
}

/** Remembers every request that `fetch` makes. */
function watchNetwork(asked: string[]): { restore(): void } {
    const before = globalThis.fetch;
    globalThis.fetch = ((address: unknown) => {
        asked.push(`network: ${String(address)}`);
        return Promise.reject(new Error('There is no network here.'));
    }) as typeof fetch;
    return {
        restore() {
            globalThis.fetch = before;
        },
    };
}

/** Paths that a plan has for the runtime. */
function pathsIn(value: unknown): readonly string[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, one]) =>
        key === 'path' && typeof one === 'string' ? [one] : pathsIn(one),
    );
}
