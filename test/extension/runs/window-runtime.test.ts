/** The runtime of a window: nothing starts where nothing may run, and the status bar says whether it is well. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { Failure } from '../../../src/runtime/run-error.ts';
import { EventEmitter, editor, reset } from '../fake-vscode.ts';

vi.mock('vscode', () => import('../fake-vscode.ts'));
const started = vi.hoisted(() => vi.fn());
vi.mock('node:child_process', () => ({ execFile: started, spawn: started }));

import { createWindowRuntime } from '../../../src/extension/runs/runtime.ts';
import { showStatus } from '../../../src/extension/views/status.ts';

beforeEach(reset);

it('no process is started in a folder that is not trusted, no matter who asks for it', async () => {
    editor.trusted = false;
    const runtime = createWindowRuntime({} as never);
    await expect(runtime.get()).rejects.toThrow(/not trusted/);
    await expect(runtime.downloads()).rejects.toThrow(/not trusted/);
    await runtime.restart();
    expect(editor.said).toEqual([expect.stringContaining('restricted mode')]);
    expect(started).not.toHaveBeenCalled();
});

it('the status bar shows a crash until the runtime is started again or stopped', () => {
    const changed = new EventEmitter<void>();
    const runtime = { crash: undefined as Failure | undefined, onDidChange: changed.event };
    showStatus({ active: [], isBusy: false, onDidChange: new EventEmitter().event } as never, runtime as never);
    const told = (crash?: Failure) => {
        runtime.crash = crash;
        changed.fire();
        return editor.status.text;
    };
    expect(told({ code: 'runtime/ended', message: 'out of memory' })).toContain('runtime stopped');
    expect(told()).toBe('$(beaker) SDSpec');
});
