/** Every stage of the engine against the reference's numbers. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadGoldens } from '../../parity/golden.ts';
import { run as controlnet } from '../../parity/groups/controlnet.ts';
import { run as textEncoder } from '../../parity/groups/text_encoder.ts';
import { run as tokenizer } from '../../parity/groups/tokenizer.ts';
import { run as unet } from '../../parity/groups/unet.ts';
import { run as vae } from '../../parity/groups/vae.ts';

const ROOT = join(import.meta.dirname, '../../goldens');

test.each([
    ['tokenizer', tokenizer],
    ['text_encoder', textEncoder],
    ['unet', unet],
    ['vae', vae],
    ['controlnet', controlnet],
] as const)('every golden of %s is met', async (name, run) => {
    const results = [];
    for await (const result of run(ROOT, loadGoldens(ROOT, name))) results.push(result);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
});
