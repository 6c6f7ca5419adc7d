/** What the command line has the runtime prepare, by a glance at the text of a spec. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { prepareBuiltIns, startRuntime, startRuntimeAhead } from '../../src/cli/runtime.ts';
import type { Runtime } from '../../src/runtime/process/client.ts';
import type { ExpectedModels } from '../../src/runtime/process/prepare-models.ts';

function preparedFor(text: string | undefined): readonly ExpectedModels[] {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-glance-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    if (text !== undefined) writeFileSync(join(folder, 'a.sdspec'), text);
    const prepared: ExpectedModels[] = [];
    const runtime = { prepare: (expected: ExpectedModels) => void prepared.push(expected) } as unknown as Runtime;
    prepareBuiltIns(runtime, join(folder, 'a.sdspec'), { device: 'cpu', force: true });
    for (const { base } of prepared) expect(base).toBe(folder);
    return prepared;
}

const SKETCH = 'sdspec 1\nmodel sketch = "builtin:sketch"\nlora robot = "builtin:sketch-robot"\n';

test('built-in models that a spec declares are prepared, companions are not', () => {
    expect(preparedFor(`${SKETCH}generate turtle { prompt "a turtle" }`)).toMatchObject([
        { models: [{ kind: 'builtin', name: 'sketch' }], options: { device: 'cpu' }, isPlain: true },
    ]);
});

test('a U-Net with taps and the like is not prepared', () => {
    for (const clause of ['infuse elephant { mid 0.4 }', 'cache deep every 3', 'precision int8'])
        expect(preparedFor(`${SKETCH}generate turtle {\n    ${clause}\n}`)).toMatchObject([{ isPlain: false }]);
});

test('nothing is prepared where weights are changed, where the model is a file, and where there is no spec', () => {
    expect(preparedFor(`${SKETCH}generate turtle {\n    apply robot\n}`)).toEqual([]);
    expect(preparedFor('model own = "./own"\ngenerate turtle { prompt "a turtle" }')).toEqual([]);
    expect(preparedFor(undefined)).toEqual([]);
});

test('a runtime that was started ahead is the one that a command gets, once', async () => {
    vi.stubEnv('SDSPEC_HOST', join(import.meta.dirname, '..', 'runtime', 'process', 'no-such-host.js'));
    onTestFinished(() => void vi.unstubAllEnvs());
    startRuntimeAhead(['turtle.sdspec', '--help']);
    startRuntimeAhead(['turtle']);
    const own = startRuntime();
    startRuntimeAhead(['turtle.sdspec']);
    const ahead = startRuntime();
    const later = startRuntime();
    expect(ahead).not.toBe(own);
    expect(later).not.toBe(ahead);
    await Promise.all([own, ahead, later].map((runtime) => runtime.stop()));
});
