/** The curve of a learning is read from what the runtime writes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseCurve, readCurve } from '../../../src/extension/runs/curve.ts';

it('reads steps and losses, and leaves out what is cut off', () => {
    const text = 'step,loss,quarter1,gradient\n10,0.13063,0.43730,3.13e-3\n20,0.14050,,2.56e-3\n30,';
    expect(parseCurve(text)).toEqual([
        { step: 10, loss: 0.13063 },
        { step: 20, loss: 0.1405 },
    ]);
});

it('is empty where there is no file yet', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sdspec-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(readCurve(folder)).toEqual([]);
    writeFileSync(join(folder, 'curve.csv'), 'step,loss\n10,0.5\n');
    expect(readCurve(folder)).toEqual([{ step: 10, loss: 0.5 }]);
});
