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
    const estimated = pictureBytes({ width: side, height: side }, sketch) / 1024;
    expect(Math.abs(estimated / measured - 1)).toBeLessThan(0.15);
});

it('a picture that no machine has memory for is announced, a small one is not', () => {
    const size = (side: number) => ({ size: { width: side, height: side } });
    expect(memoryNotice(size(128), sketch)).toBeUndefined();
    expect(memoryNotice(size(65_536), sketch)).toMatch(
        /^A picture of 65536x65536 can take \d+\.\d GB of memory at once/,
    );
});
