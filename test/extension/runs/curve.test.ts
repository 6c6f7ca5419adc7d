/** The curve of a learning is read from what the runtime writes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readCurve } from '../../../src/extension/runs/curve.ts';

it('is empty where there is no file yet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(readCurve(folder)).toEqual([]);
    writeFileSync(join(folder, 'curve.csv'), 'step,loss\n10,0.5\n');
    expect(readCurve(folder)).toEqual([{ step: 10, loss: 0.5 }]);
});
