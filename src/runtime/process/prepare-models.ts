/** Opens models ahead of the run that will probably need them, while its spec is still read. */
import type { ModelRef } from '../../plan/plan.ts';
import type { RunOptions } from '../run/request.ts';
import type { RunServices } from '../run/run-services.ts';
import { tensor } from '../tensor.ts';

/** Models that a spec declares, before it is known what its runs need. */
export interface ExpectedModels {
    readonly models: readonly ModelRef[];
    /** Folder that paths are relative to. */
    readonly base: string;
    readonly options: Pick<RunOptions, 'device' | 'threads'>;
    /** Whether the U-Net will run as it is: without taps, ControlNets and the like, which need sessions of their own. */
    readonly isPlain: boolean;
}

/**
 * Makes what a picture needs first: tokenizer, text encoder, U-Net, decoder, one after the other while `isWanted`. What can't
 * be made is reported by the run.
 */
export async function prepareModels(
    { models, base, options, isPlain }: ExpectedModels,
    workshop: Pick<RunServices, 'openModel'>,
    isWanted: () => boolean,
): Promise<void> {
    const { device = 'auto', threads } = options;
    for (const ref of models) {
        try {
            const model = await workshop.openModel(ref, {
                base,
                device,
                expectedCalls: 1,
                ...(threads === undefined ? {} : { threads }),
            });
            const { latentChannels } = model.checkpoint.vae.config;
            const parts: readonly (() => Promise<unknown>)[] = [
                // The negative prompt, unless one is written.
                () => model.encodeText([model.tokenizer.frame([])]),
                ...(isPlain ? [() => model.unet()] : []),
                () => model.decode(tensor(new Float32Array(latentChannels), [1, latentChannels, 1, 1])),
            ];
            for (const part of parts) {
                if (!isWanted()) return;
                await part();
            }
        } catch {
            // The run meets the same error, and reports it.
        }
    }
}
