/** A mosaic whose processes are killed continues, and becomes bitwise what it would have been; so does a tile that is made alone. */
import { expect, it } from 'vitest';
import { killMosaic, randomOf } from './kills.ts';

it.skipIf(process.platform === 'win32')(
    'a mosaic survives kills, and a tile made alone is that of the whole',
    { timeout: 120_000 },
    async () => {
        const { killed, uninterrupted, resumed } = await killMosaic(1, randomOf(3));
        expect(killed).toBeGreaterThan(0);
        expect(Object.keys(uninterrupted).length).toBeGreaterThanOrEqual(6);
        expect(resumed).toEqual(uninterrupted);
    },
);
