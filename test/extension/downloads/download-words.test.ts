/** The words of a download: bytes, the speed of the last seconds, the time that is left. */
import { expect, it } from 'vitest';
import { followDownload } from '../../../src/extension/downloads/download-words.ts';

const GB = 1e9;

function told(...moments: readonly (readonly [second: number, done: number, path?: string])[]): readonly string[] {
    let now = 0;
    const follow = followDownload(() => now);
    return moments.map(([second, done, path = 'unet']) => {
        now = second * 1000;
        const bytes = { kind: 'bytes', path, fileDone: done, fileBytes: 4 * GB, done, bytes: 4 * GB } as const;
        const { words, percent } = follow(bytes);
        return `${Math.round(percent)}% ${words}`;
    });
}

it('shows speed and time left as soon as there is a speed', () => {
    expect(told([0, 0], [0.1, 0.1 * GB], [10, GB])).toEqual([
        '0% 0 kB of 4.0 GB',
        '3% 100 MB of 4.0 GB',
        '25% 1.0 GB of 4.0 GB',
    ]);
    expect(told([0, 0], [4, 0.4 * GB], [5, 0.5 * GB]).at(-1)).toBe('13% 500 MB of 4.0 GB · 100 MB/s · 35 s left');
});

it('forgets the speed of long ago, and takes what an earlier download left for no speed', () => {
    expect(told([0, 0], [2, 0.2 * GB], [9, 0.9 * GB], [10, 0.91 * GB]).at(-1)).toBe(
        '23% 910 MB of 4.0 GB · 89 MB/s · 35 s left',
    );
    expect(told([0, 0, 'vae'], [1, GB, 'vae'], [2, 3 * GB, 'unet']).at(-1)).toBe('75% 3.0 GB of 4.0 GB');
});
