/** A learning that is killed without warning continues to the same file; 20 kills: `npx tsx test/runtime/learn/kills.ts`. */
import { expect, test } from 'vitest';
import { temporaryFolder } from '../weights/write-safetensors.ts';
import { live } from './kills.ts';

test.each(['lora', 'controlnet'] as const)(
    'a %s that is killed continues to the same file, bit by bit',
    async (subject) => {
        const whole = await live(temporaryFolder(), 16, subject);
        const folder = temporaryFolder();
        // Between the state of step 10 and the end, in the middle of a step.
        const killed = await live(folder, 16, subject, { step: 13, milliseconds: 3 });
        expect(killed.done).toBeUndefined();
        expect(killed.step).toBeGreaterThanOrEqual(13);
        const { done } = await live(folder, 16, subject);
        expect(done).toEqual({ sha256: whole.done!.sha256, resumed: 1 });
    },
);
