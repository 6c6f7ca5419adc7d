/** The generated parser is the grammar's. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('src/language/generated is current: else run `npm run generate`', () => {
    const copy = mkdtempSync(join(tmpdir(), 'sdspec-grammar-'));
    try {
        for (const part of [
            'langium-config.json',
            'package.json',
            'scripts/generate-grammar.mjs',
            'src/language/grammar/sdspec.langium',
        ]) {
            cpSync(join(root, part), join(copy, part));
        }
        symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
        const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/generate-grammar.mjs'], {
            cwd: copy,
            encoding: 'utf8',
        });
        expect(status, stdout + stderr).toBe(0);
        expect(contents(join(copy, 'src/language/generated'))).toEqual(contents(join(root, 'src/language/generated')));
    } finally {
        rmSync(copy, { recursive: true, force: true });
    }
});

/** Files by name, whatever ends their lines. */
function contents(folder: string): Readonly<Record<string, string>> {
    const files = readdirSync(folder).sort();
    return Object.fromEntries(
        files.map((file) => [file, readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')]),
    );
}
