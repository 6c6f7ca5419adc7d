/** Generates src/language/generated from the grammar: `npm run generate`. Prints nothing that changes from run to run. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = fileURLToPath(new URL('../node_modules/langium-cli/bin/langium.js', import.meta.url));

// Langium's generator needs Object.groupBy, which Node 20 lacks: https://tc39.es/ecma262/#sec-object.groupby
const groupBy = `
Object.groupBy ??= (items, keyOf) => {
    const groups = Object.create(null);
    let index = 0;
    for (const item of items) (groups[keyOf(item, index++)] ??= []).push(item);
    return groups;
};`;

// A file that is none of Langium's makes its generator ask, and end without an answer.
rmSync(new URL('../src/language/generated/keywords.ts', import.meta.url), { force: true });

const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(groupBy)}`, cli, 'generate', ...process.argv.slice(2)],
    // It asks whether to delete what it did not write: keywords.ts.
    { cwd: root, encoding: 'utf8', input: 'no\n' },
);
// Options may come in any order, so they are in a loop; that one is given twice is found by a check of our own.
const lines = `${stdout}${stderr}`
    .split('\n')
    .filter((line) => !/Found multiple assignments|unexpected files/.test(line));
console.log(
    lines
        .join('\n')
        .replace(/^Do you want.*?: /m, '')
        .trim(),
);
if (status === 0) writeKeywords(new URL('../src/language/generated/', import.meta.url));
process.exit(status ?? 1);

/** The words of the grammar as plain data, for those who write specs and need no parser for it. */
function writeKeywords(folder) {
    const [, union] = /export type SdspecKeywordNames =([^;]*);/.exec(readFileSync(new URL('ast.ts', folder), 'utf8'));
    const words = union.match(/(?<=")[a-z][\w-]*(?=")/g);
    const lines = words.map((word) => `    '${word}',\n`).join('');
    const text = `/** The words of the grammar. Made by \`npm run generate\`. */\nexport const KEYWORDS = [\n${lines}] as const;\n`;
    writeFileSync(new URL('keywords.ts', folder), text);
}
