/** What a record says of the device is that of its own run, whatever other runs did with the same open model. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../../src/language/index-node.ts';
import { executeRun } from '../../../src/runtime/run/execute-run.ts';
import { openRunServices } from '../../../src/runtime/run/open-run-services.ts';

const OUT = mkdtempSync(join(tmpdir(), 'sdspec-run-models-'));
afterAll(() => rmSync(OUT, { recursive: true, force: true }));

const SPEC = `model nano = "${join(import.meta.dirname, '../../goldens/models/nano-sd15').replaceAll('\\', '/')}"
generate plain { use nano prompt "a cat" size 64x64 steps 2 seed 1 }
generate halved extends plain { precision fp16 }
generate cached extends plain { cache deep every 2 }
generate later extends plain { seed 2 }
generate halved-later extends halved { seed 2 }
`;

const HALF = '`precision fp16` has no effect on the CPU: it takes 32 bits.';

test('a run after others has the parts and the notices of its own', { timeout: 60_000 }, async () => {
    const language = createNodeLanguage();
    const document = await language.parseText(SPEC, pathToFileURL(join(OUT, 'a.sdspec')).toString());
    const workshop = openRunServices();
    const recordOf = async (name: string) => {
        const { value } = lowerRun(document, name, { files: nodeFiles });
        const request = { id: name, run: value!, base: OUT, options: { out: OUT, device: 'cpu' } } as const;
        const notices: string[] = [];
        const outcome = await executeRun(request, workshop, {
            emit: (event) => event.kind === 'notice' && notices.push(event.text),
            signal: new AbortController().signal,
        });
        if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
        const { device } = outcome.record;
        return { parts: Object.keys(device.options).sort(), fallbacks: device.fallbacks, notices };
    };
    const plain = await recordOf('plain');
    expect(plain.parts).toEqual(['attention', 'linear', 'text encoder', 'unet', 'vae decoder']);
    expect(await recordOf('halved')).toEqual({ ...plain, fallbacks: [HALF], notices: [HALF] });
    expect((await recordOf('cached')).parts).toContain('unet branch');
    // The text is remembered, and its encoder is a part all the same.
    expect(await recordOf('later')).toEqual(plain);
    expect(await recordOf('halved-later')).toEqual({ ...plain, fallbacks: [HALF], notices: [HALF] });
});
