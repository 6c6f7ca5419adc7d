/** The curve of a learning, as it is written. */
import { expect, it } from 'vitest';
import { parseCurve } from '../../src/plan/learn.ts';
import { LossHistory } from '../../src/runtime/learn/loss-history.ts';

it('reads steps and losses, and leaves out what is cut off', () => {
    const text = 'step,loss,quarter1,gradient\n10,0.13063,0.43730,3.13e-3\n20,0.14050,,2.56e-3\n30,';
    expect(parseCurve(text)).toEqual([
        { step: 10, loss: 0.13063 },
        { step: 20, loss: 0.1405 },
    ]);
});

it('reads what a learning writes: a line for ten steps', () => {
    const losses = Array.from({ length: 12 }, (_, k) => ({ loss: k, norm: 1, times: [1], rows: [k] }));
    const history = new LossHistory(1000);
    for (const one of losses) history.add(one);
    expect(parseCurve(history.toCsv())).toEqual([
        { step: 10, loss: 4.5 },
        { step: 12, loss: 10.5 },
    ]);
});
