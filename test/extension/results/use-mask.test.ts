/** A painted mask put to use: files beside the spec that overwrite none, and the clauses that the generate needs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.mock('vscode', () => ({
    ViewColumn: { One: 1 },
    WorkspaceEdit: class {
        set() {}
    },
    TextEdit: { replace: () => ({}) },
    workspace: { openTextDocument: async () => ({ getText: () => '', uri: {} }), applyEdit: async () => true },
    window: { showTextDocument: async () => {}, showWarningMessage: async () => {} },
}));

import type { ChosenPicture } from '../../../src/extension/results/actions.ts';
import { useMask } from '../../../src/extension/results/use-picture.ts';

let base: string;
beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'sdspec-mask-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

async function used(work: object, feather = 0) {
    const written: { clause: string; declarations: readonly string[] }[] = [];
    const file = join(base, 'made.png');
    writeFileSync(file, 'picture');
    const folder = join(base, '.sdspec', 'runs', 'a', '0123');
    const chosen = { run: { folder, record: { name: 'a' } }, picture: { seed: 7 }, file } as unknown as ChosenPicture;
    const language = {
        runnables: async () => [{ kind: 'generate', name: 'a' }],
        names: async () => [],
        plan: async () => ({ value: { work }, problems: [] }),
        clauseEdits: async (_: unknown, clause: (typeof written)[number]) => {
            written.push(clause);
            return [{ range: {}, text: '' }];
        },
    };
    const own = { uri: { fsPath: join(base, 'a.sdspec') }, name: 'a' };
    await useMask(chosen, { data: Buffer.from('mask'), feather }, own as never, language as never);
    return written;
}

it('a picture from noise becomes the start of what is repainted', async () => {
    expect(await used({ kind: 'picture' }, 8)).toEqual([
        {
            clause: 'start from a-7 strength 0.8\n    mask a-7-mask feather 8px',
            declarations: ['image a-7 = "./a-7.png"', 'image a-7-mask = "./a-7-mask.png"'],
        },
    ]);
    expect(readFileSync(join(base, 'a-7-mask.png'), 'utf8')).toBe('mask');
    expect(readFileSync(join(base, 'a-7.png'), 'utf8')).toBe('picture');
});

it('a start that is there stays, and no file is written over', async () => {
    writeFileSync(join(base, 'a-7-mask.png'), 'of the user');
    expect(await used({ kind: 'picture', start: {} })).toEqual([
        { clause: 'mask a-7-mask', declarations: ['image a-7-mask = "./a-7-mask-2.png"'] },
    ]);
    expect(readFileSync(join(base, 'a-7-mask.png'), 'utf8')).toBe('of the user');
    expect(readdirSync(base).filter((name) => name.endsWith('.part'))).toEqual([]);
});
