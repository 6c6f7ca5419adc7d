/** Runs on disk that were never executed: their pictures are what a test needs. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StoredPicture {
    readonly png: Uint8Array;
    readonly width: number;
    readonly height: number;
}

/** Writes a complete run with these pictures below a spec's folder. */
export function writeStoredRun(base: string, name: string, pictures: readonly StoredPicture[]): void {
    const digest = '0123456789abcdef';
    const folder = join(base, '.sdspec', 'runs', name, digest);
    mkdirSync(folder, { recursive: true });
    for (const [cell, { png }] of pictures.entries()) writeFileSync(join(folder, `${cell}.png`), png);
    const record = {
        format: 1,
        name,
        digest: digest.repeat(4),
        kind: 'picture',
        spec: 'first.sdspec',
        state: 'complete',
        process: 1,
        started: new Date().toISOString(),
        seconds: pictures.length,
        versions: {},
        device: { asked: 'auto', used: 'cpu', threads: 1, fallbacks: [], options: {} },
        models: [],
        inputs: [],
        notices: [],
        timings: {},
        cells: pictures.length,
        pictures: pictures.map(({ width, height }, cell) => ({
            cell,
            seed: cell,
            file: `${cell}.png`,
            width,
            height,
            sha256: '0'.repeat(64),
            phash: '0'.repeat(16),
            seconds: 1,
        })),
    };
    writeFileSync(join(folder, 'record.json'), JSON.stringify(record));
}
