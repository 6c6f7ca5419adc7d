/** Mosaics and prints whose processes are killed continue, and become bitwise what they would have been. */
import { expect, it } from 'vitest';
import { randomOf } from './killing.ts';
import { type Kind, killRuns } from './kills.ts';

it.skipIf(process.platform === 'win32').each<[Kind, number, number]>([
    ['mosaic', 3, 6],
    ['print', 5, 5],
])(
    'a %s survives kills, and a part that is made again is that of the whole',
    { timeout: 180_000 },
    async (kind, seed, files) => {
        const { halfway, lost, uninterrupted, resumed } = await killRuns(kind, 2, randomOf(seed));
        // Without a kill between two parts nothing would be continued.
        expect(halfway).toBeGreaterThan(0);
        expect(lost).toEqual([]);
        expect(Object.keys(uninterrupted).length).toBeGreaterThanOrEqual(files);
        expect(resumed).toEqual(uninterrupted);
    },
);
