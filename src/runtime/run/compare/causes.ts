/** Why two runs may have made different pictures: what differs between their records. */
import { cpusOf } from '../machine.ts';
import type { RecordedFile, RunRecord } from '../record.ts';

/** One sentence for each difference, the most likely cause first; `a` is called here, `b` there. */
export function causesOf(a: RunRecord, b: RunRecord): readonly string[] {
    return [
        ...plans(a, b),
        ...files('input', a.inputs, b.inputs),
        ...files('file', modelFiles(a), modelFiles(b)),
        ...versionsOf(a, b),
        ...pair('It ran on', a.device.used, b.device.used),
        ...options(a, b),
        ...pair('The processor is', a.cpu && cpusOf(a).join(' and '), b.cpu && cpusOf(b).join(' and ')),
        ...pair('Threads:', a.device.threads || undefined, b.device.threads || undefined),
        ...(a.host === b.host ? [] : pair('The machine is', a.host, b.host)),
        ...new Set([a.device.inexact, b.device.inexact].flatMap((why) => why ?? [])),
    ];
}

function plans(a: RunRecord, b: RunRecord): readonly string[] {
    if (a.digest === b.digest) return [];
    return [
        `The plans differ (${a.digest.slice(0, 16)} here, ${b.digest.slice(0, 16)} there): \`sdspec explain\` with a picture of each lists the settings.`,
    ];
}

function pair(what: string, here: string | number | undefined, there: string | number | undefined): readonly string[] {
    if (here === there || here === undefined || there === undefined || here === '' || there === '') return [];
    return [`${what} ${here} here, ${there} there.`];
}

function versionsOf(a: RunRecord, b: RunRecord): readonly string[] {
    const names: Readonly<Record<string, string>> = { node: 'Node.js', platform: 'The platform is' };
    // What decides pixels is first; Node.js and the platform hardly ever do.
    return ['onnxruntime', 'sdspec', 'platform', 'node'].flatMap((name) =>
        pair(names[name] ?? name, a.versions[name], b.versions[name]),
    );
}

function options(a: RunRecord, b: RunRecord): readonly string[] {
    const [here, there] = [a.device.options, b.device.options];
    const names = [...new Set([...Object.keys(here), ...Object.keys(there)])].sort();
    return names.flatMap((name) => {
        const [a, b] = [here[name] ?? 'not set', there[name] ?? 'not set'];
        if (bitsOf(a) === bitsOf(b)) return pair(`The session option ${name} is`, a, b);
        return [`The ${name} was computed in ${bitsOf(a)} bits here (${a}), in ${bitsOf(b)} there (${b}).`];
    });
}

function bitsOf(option: string): 16 | 32 {
    return /\/fp16\b/.test(option) ? 16 : 32;
}

function modelFiles({ models }: RunRecord): readonly RecordedFile[] {
    return models.flatMap(({ name, files: own }) =>
        own.map(({ path, sha256 }) => ({ path: `${name} ${path}`, sha256 })),
    );
}

function files(what: string, a: readonly RecordedFile[], b: readonly RecordedFile[]): readonly string[] {
    // A record without any was closed before the digests were taken.
    if (a.length === 0 || b.length === 0) return [];
    const there = new Map(b.map(({ path, sha256 }) => [path, sha256]));
    const here = new Set(a.map(({ path }) => path));
    return [
        ...a.flatMap(({ path, sha256 }) => {
            const other = there.get(path);
            if (other === undefined) return [`The ${what} ${path} is here only.`];
            if (other === sha256) return [];
            return [
                `The ${what} ${path} is another one: sha256:${sha256.slice(0, 12)}… here, ${other.slice(0, 12)}… there.`,
            ];
        }),
        ...b.flatMap(({ path }) => (here.has(path) ? [] : [`The ${what} ${path} is there only.`])),
    ];
}
