/** What the head of a single-file model says: names, shapes and metadata, before any weight is read. */
import { LATENT_FACTOR } from '../topology.ts';
import type { Tensors } from './families.ts';

export interface ModelHead {
    readonly tensors: Tensors;
    readonly metadata: Readonly<Record<string, string>>;
}

/** The bundled learned words of a LoRA by A1111: `bundle_emb.NAME.string_to_param.*`. */
export const BUNDLED = /^bundle_emb\.(.+?)\.(?:string_to_param\.\*|emb_params|clip_[lg])$/;

/** Markers that trainers leave: a tensor `v_pred`, or the metadata of ModelSpec and kohya. Undefined: the file is silent. */
export function markedPrediction({ tensors, metadata }: ModelHead): 'epsilon' | 'v' | undefined {
    if (tensors.has('v_pred')) return 'v';
    const text = metadata['modelspec.prediction_type'] ?? metadata['prediction_type'] ?? '';
    if (/^v(?:_?pred(?:iction)?|elocity)?$/i.test(text)) return 'v';
    if (/^eps(?:ilon)?$/i.test(text)) return 'epsilon';
    return isTrue(metadata['ss_v_parameterization']) ? 'v' : undefined;
}

/** Whether the file says that its noise schedule ends in pure noise. */
export function isMarkedZeroSnr({ tensors, metadata }: ModelHead): boolean {
    return tensors.has('ztsnr') || isTrue(metadata['ss_zero_terminal_snr']) || isTrue(metadata['ztsnr']);
}

/** The bias whose spread distinguishes SD2 models of noise from those of velocity, as LDM names it. */
export const SPREAD_BIAS = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';

/**
 * What an SD2 file that is silent predicts, by the spread of that bias:
 * https://github.com/comfyanonymous/ComfyUI/blob/master/comfy/supported_models.py (SD20).
 */
export function predictionOf(bias: ArrayLike<number>): 'epsilon' | 'v' {
    const values = Array.from(bias);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    return deviation > 0.09 ? 'v' : 'epsilon';
}

/** The latent side that the model was made for: what its metadata says, or 96 (768 pixels) for SD2 models of velocity. */
export function latentSide({ metadata }: ModelHead, isV2: boolean, predicts: 'epsilon' | 'v'): number {
    const [, width] = /^(\d+)(?:x\d+)?$/.exec(metadata['modelspec.resolution'] ?? '') ?? [];
    const side = Number(width) / LATENT_FACTOR;
    return Number.isSafeInteger(side) && side >= 8 && side <= 256 ? side : isV2 && predicts === 'v' ? 96 : 64;
}

function isTrue(text: string | undefined): boolean {
    return /^(?:true|1)$/i.test(text ?? '');
}
