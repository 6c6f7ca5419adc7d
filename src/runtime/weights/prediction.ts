/** What a model predicts, and with which noise schedule it was trained: from the spec, the file's markers, or its weights. */

import { isMarkedZeroSnr, markedPrediction, predictionOf } from '../../plan/model-file/head.ts';
import type { RawConfig } from './config-fields.ts';
import type { CheckpointChoices, PartTensors } from './parts.ts';
import { readTensor } from './read-tensor.ts';
import type { SafetensorsFile } from './safetensors.ts';

/** SD1's training schedule, as diffusers writes it. */
const SCHEDULER: RawConfig = {
    _class_name: 'PNDMScheduler',
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    num_train_timesteps: 1000,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    trained_betas: null,
    clip_sample: false,
};

/** `scheduler_config.json` of a single file. What had to be guessed is added to `notices`. */
export function singleFileScheduler(
    file: SafetensorsFile,
    unet: PartTensors,
    isV2: boolean,
    choices: CheckpointChoices | undefined,
    notices: string[],
): RawConfig {
    const said = choices?.predicts ?? markedPrediction(file);
    const predicts = said ?? (isV2 ? guessV2(unet, notices) : 'epsilon');
    const zeroSnr = choices?.zeroSnr ?? (choices?.predicts === undefined && isMarkedZeroSnr(file));
    const base = isV2 ? { ...SCHEDULER, _class_name: 'DDIMScheduler' } : SCHEDULER;
    return chosen(
        { ...base, ...(isV2 && { prediction_type: 'epsilon' }) },
        { predicts, ...(zeroSnr && { zeroSnr: true }) },
    );
}

/** A scheduler's configuration with what the spec says. Steps then end at the last timestep, where pure noise is. */
export function chosen(scheduler: RawConfig, { predicts, zeroSnr }: CheckpointChoices): RawConfig {
    return {
        ...scheduler,
        ...(predicts &&
            (predicts === 'v' || scheduler.prediction_type !== undefined) && {
                prediction_type: predicts === 'v' ? 'v_prediction' : 'epsilon',
            }),
        ...(zeroSnr && { rescale_betas_zero_snr: true, timestep_spacing: 'trailing' }),
    };
}

/** SD2 files do not say whether they predict noise or velocity: guessed from one bias, and reported. */
function guessV2(unet: PartTensors, notices: string[]): 'epsilon' | 'v' {
    const location = unet.tensors.get('up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias');
    const predicts = location ? predictionOf(readTensor(location).data) : 'epsilon';
    const [what, other] = predicts === 'v' ? ['the velocity', 'epsilon'] : ['the noise', 'v'];
    notices.push(
        `An SD2 file does not say what it predicts; its weights look like ${what}. Where pictures come out grey or burnt, write \`predicts ${other}\` behind the model's path.`,
    );
    return predicts;
}
