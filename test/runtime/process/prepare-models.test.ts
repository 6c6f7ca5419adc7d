/** Models are opened ahead of a run, part by part, for as long as no run has begun. */
import { expect, test } from 'vitest';
import type { StableDiffusion } from '../../../src/runtime/engine/stable-diffusion.ts';
import { type ExpectedModels, prepareModels } from '../../../src/runtime/process/prepare-models.ts';
import type { ServiceOptions } from '../../../src/runtime/run/run-services.ts';

const EXPECTED: ExpectedModels = {
    models: [{ kind: 'builtin', name: 'sketch' }],
    base: '/specs',
    options: { device: 'cpu', threads: 2 },
    isPlain: true,
};

/** A workshop that writes down what is asked of it, and fails for one part. */
function workshop(failing = '') {
    const asked: string[] = [];
    const opened: ServiceOptions[] = [];
    const part = (name: string) => {
        asked.push(name);
        return name === failing ? Promise.reject(new Error(name)) : Promise.resolve();
    };
    const model = {
        checkpoint: { vae: { config: { latentChannels: 4 } } },
        tokenizer: { frame: (ids: readonly number[]) => ids },
        encodeText: ([ids]: readonly (readonly number[])[]) => part(`text of ${ids!.length} tokens`),
        unet: () => part('unet'),
        decode: ({ dims }: { readonly dims: readonly number[] }) => part(`decoder of ${dims}`),
    } as unknown as StableDiffusion;
    const openModel = async (_: unknown, options: ServiceOptions) => {
        opened.push(options);
        await part('open');
        return model;
    };
    return { asked, opened, openModel };
}

const ALL = ['open', 'text of 0 tokens', 'unet', 'decoder of 1,4,1,1'];

test('tokenizer, text encoder, U-Net and decoder are made ready, as the run will ask for them', async () => {
    const { asked, opened, openModel } = workshop();
    await prepareModels(EXPECTED, { openModel }, () => true);
    expect(asked).toEqual(ALL);
    expect(opened).toEqual([{ base: '/specs', device: 'cpu', threads: 2, expectedCalls: 1 }]);
});

test('a U-Net with taps is left to the run', async () => {
    const { asked, openModel } = workshop();
    await prepareModels({ ...EXPECTED, isPlain: false }, { openModel }, () => true);
    expect(asked).toEqual(ALL.filter((name) => name !== 'unet'));
});

test('a run that begins makes the rest itself', async () => {
    const { asked, openModel } = workshop();
    await prepareModels(EXPECTED, { openModel }, () => asked.length < 2);
    expect(asked).toEqual(ALL.slice(0, 2));
});

test.each(['open', 'unet'])('what can not be made is left to the run, which reports it: %s', async (failing) => {
    const { asked, openModel } = workshop(failing);
    await expect(prepareModels(EXPECTED, { openModel }, () => true)).resolves.toBeUndefined();
    expect(asked).toEqual(ALL.slice(0, ALL.indexOf(failing) + 1));
});
