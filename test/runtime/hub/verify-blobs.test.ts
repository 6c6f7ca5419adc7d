/** Blobs of the cache are what their names say, or are fetched again. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeDamaged } from '../../../src/runtime/hub/verify-blobs.ts';

test('a flipped bit is found, what is right stays', async (context) => {
    context.skip(process.platform === 'win32', 'Windows makes links for administrators only');
    const repository = mkdtempSync(join(tmpdir(), 'sdspec-blobs-'));
    const snapshot = join(repository, 'snapshots', 'c');
    mkdirSync(join(repository, 'blobs'));
    mkdirSync(join(snapshot, 'unet'), { recursive: true });
    const blob = (name: string, text: string, shown = text) => {
        const hex = createHash('sha256').update(text).digest('hex');
        writeFileSync(join(repository, 'blobs', hex), shown);
        symlinkSync(join('..', '..', '..', 'blobs', hex), join(snapshot, 'unet', name));
        return join(repository, 'blobs', hex);
    };
    const [whole, flipped] = [blob('a.safetensors', 'weights'), blob('b.safetensors', 'others', 'othert')];
    expect(await removeDamaged(repository, snapshot)).toEqual([join('unet', 'b.safetensors')]);
    expect([existsSync(whole), existsSync(flipped)]).toEqual([true, false]);
    expect(await removeDamaged(repository, snapshot)).toEqual([]);
});
