/** The memory of a picture is known before it is made. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { memoryNotice, pictureBytes } from '../../../src/runtime/engine/picture-memory.ts';
import { openCheckpoint } from '../../../src/runtime/weights/checkpoint.ts';

const sketch = openCheckpoint(join(import.meta.dirname, '..', '..', '..', 'models', 'sketch'));

// Peak resident size of the runtime for one picture of the built-in model on the CPU (linux-x64, 2 threads).
it.each([
    [256, 347_472],
    [512, 546_308],
    [1024, 1_509_880],
])('a picture of %ix%i was measured with %i kB', (side, measured) => {
    const estimated = pictureBytes({ size: { width: side, height: side }, steps: 20 }, sketch) / 1024;
    expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.15);
});

it('a picture that no machine has memory for is announced, a small one is not', () => {
    const size = (side: number) => ({ size: { width: side, height: side }, steps: 20 });
    expect(memoryNotice(size(128), sketch)).toBeUndefined();
    expect(memoryNotice(size(65_536), sketch)).toMatch(
        /^A picture of 65536x65536 can take \d+\.\d GB of memory at once/,
    );
});

it('the text cache counts a large U-Net twice, unless its weights are mapped, and the notice says so', () => {
    // 400 MB of weights in 32 bits.
    const location = { file: '', offset: 0, length: 400e6, dtype: 'F32', shape: [1e8] } as const;
    const large = { ...sketch, unet: { weights: { source: 'large', tensors: new Map([['a', location]]) } } };
    const plan = (steps: number, text: boolean) => ({
        size: { width: 128, height: 128 },
        steps,
        ...(text && { textCache: { window: { from: 10, to: 20 } } as never }),
    });
    const [once, twice] = [pictureBytes(plan(20, false), large), pictureBytes(plan(20, true), large)];
    expect(twice - once).toBe(400e6);
    expect(pictureBytes(plan(19, true), large)).toBe(once);
    expect(memoryNotice(plan(20, false), large, once)).toBeUndefined();
    expect(memoryNotice(plan(20, true), large, once)).toMatch(
        /`cache text` holds the U-Net's weights twice\. .*20 steps/,
    );
    expect(memoryNotice(plan(20, true), large, once - 1)).toMatch(/write a smaller size/);
    // Half precision is widened in memory.
    const half = {
        ...large,
        unet: {
            weights: {
                source: 'half',
                tensors: new Map([['a', { ...location, dtype: 'F16', length: 200e6 } as const]]),
            },
        },
    };
    expect(pictureBytes(plan(4, false), half)).toBe(once);
});
