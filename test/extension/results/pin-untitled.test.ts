/** A seed is pinned into the text that the run came from, also where that was never saved. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';

const { edits } = vi.hoisted(() => ({ edits: [] as { uri: unknown; text: string }[] }));
vi.mock('vscode', () => ({
    ViewColumn: { One: 1 },
    ThemeIcon: class {},
    QuickPickItemKind: {},
    TestTag: class {},
    EventEmitter: class {},
    Range: class {},
    WorkspaceEdit: class {
        replace(uri: unknown, _: unknown, text: string) {
            edits.push({ uri, text });
        }
    },
    Uri: { file: (fsPath: string) => ({ scheme: 'file', fsPath }) },
    workspace: {
        openTextDocument: async () => ({}),
        applyEdit: async () => true,
    },
    window: { showTextDocument: async () => undefined },
}));

import type { Parts } from '../../../src/extension/parts.ts';
import { act } from '../../../src/extension/results/act.ts';
import { writeStoredRun } from '../../editor/stored-run.ts';

const base = mkdtempSync(join(tmpdir(), 'sdspec-pin-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

it('a run of this window knows its text', async () => {
    writeStoredRun(base, 'first', [{ png: new Uint8Array([1]), width: 8, height: 8 }]);
    const folder = join(base, '.sdspec', 'runs', 'first', '0123456789abcdef');
    const uri = { scheme: 'untitled', fsPath: 'Untitled-1' };
    const asked: unknown[] = [];
    const language = {
        async seedEdit(...args: unknown[]) {
            asked.push(args);
            return { range: {}, text: '0' };
        },
    };
    const parts = { language, runs: { in: () => ({ uri, name: 'first', folder }) } } as unknown as Parts;
    await act(parts, 'pinSeed', { folder, cell: 0 });
    expect(asked).toEqual([[{ uri, name: 'first', folder }, 0]]);
    expect(edits).toEqual([{ uri, text: '0' }]);
});
