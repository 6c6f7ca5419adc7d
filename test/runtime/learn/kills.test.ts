/** A learning that is killed without warning continues to the same file; 20 kills: `npx tsx test/runtime/learn/kills.ts`. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../weights/write-safetensors.ts';
import { live } from './kills.ts';

test('a learning that is killed continues to the same file, bit by bit', async () => {
    const whole = await live(temporaryFolder(), 120);
    const folder = temporaryFolder();
    // Between the states of steps 50 and 100, in the middle of a step.
    const killed = await live(folder, 120, { step: 67, milliseconds: 3 });
    expect(killed.done).toBeUndefined();
    expect(killed.step).toBeGreaterThanOrEqual(67);
    const { done } = await live(folder, 120);
    expect(done).toEqual({ sha256: whole.done!.sha256, resumed: 1 });
});
