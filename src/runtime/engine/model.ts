/** Opens a model: the one entry to the engine. */

import { applyAdapters, type ReadAdapter } from '../adapters/apply.ts';
import { checkCoverage } from '../graph/coverage.ts';
import { loadTokenizer } from '../text/load-tokenizer.ts';
import type { ClipTokenizer } from '../text/tokenizer.ts';
import { openCheckpoint } from '../weights/checkpoint.ts';
import type { Overrides } from '../weights/parts.ts';
import { decodeLatents, encodeImage } from './autoencoder.ts';
import type { DeviceChoice } from './backend.ts';
import type { ChooseDevice } from './devices.ts';
import { type FastConvolutions, fastConvolutions, fastDecoderConvolutions } from './fast-convolutions.ts';
import { type Int8Linears, int8Linears } from './int8-linears.ts';
import { sessionPool } from './session-pool.ts';
import type { StableDiffusion } from './stable-diffusion.ts';
import { rememberingEncoder } from './text-encoder.ts';
import { openUnet } from './unet.ts';

export type { ReadAdapter } from '../adapters/apply.ts';
export type { Tensor } from '../tensor.ts';
export { ModelError, type ModelErrorCode } from '../weights/model-error.ts';
export type { Checkpoint, Overrides } from '../weights/parts.ts';
export type { DeviceChoice } from './backend.ts';
export type { DeviceReport, SessionReport } from './devices.ts';
export type * from './stable-diffusion.ts';

export interface OpenOptions {
    readonly device: DeviceChoice;
    /** Calls of the U-Net that are planned: steps times passes. Decides how the CPU holds large weights. Default 1. */
    readonly expectedCalls?: number;
    /** Threads on the CPU; by default one per core. */
    readonly threads?: number;
    /** How the device is chosen: shared, so that it is tested once. */
    readonly choose?: ChooseDevice;
    /** What a single file does not say by itself. */
    readonly overrides?: Overrides;
    /** LoRAs, each with its weight; they change U-Net and text encoder while the model is open. */
    readonly adapters?: readonly ReadAdapter[];
    /** Called with everything that the user should know: fallbacks of devices, guesses about a file. */
    readonly notice?: (text: string) => void;
}

/**
 * Opens a diffusers folder or a single safetensors file. Reads headers and configurations and tests the device; weights
 * are touched by the first call that needs them. Throws `ModelError` with a message for the user.
 */
export async function openModel(path: string, options: OpenOptions): Promise<StableDiffusion> {
    const { device, expectedCalls = 1, threads, notice = () => {} } = options;
    const plain = openCheckpoint(path, options.overrides);
    checkCoverage(plain);
    const checkpoint = options.adapters?.length ? applyAdapters(plain, options.adapters) : plain;
    for (const text of checkpoint.notices) notice(text);
    const { unet, vae, textEncoder } = checkpoint;
    let found: Promise<FastConvolutions> | undefined;
    const convolutions = () => (found ??= fastConvolutions(unet));
    let quantised: Promise<Int8Linears> | undefined;
    const linears = () => (quantised ??= int8Linears(unet.weights));
    const pool = await sessionPool({
        requested: device,
        ...(threads !== undefined && { threads }),
        weights: {
            unet: unet.weights,
            'unet branch': unet.weights,
            vae: vae.weights,
            decoder: vae.weights,
            text: textEncoder.weights,
        },
        convolutions: { unet: convolutions, 'unet branch': convolutions, decoder: () => fastDecoderConvolutions(vae) },
        linears: { unet: linears, 'unet branch': linears },
        onCpu: ['text'],
        ...(options.choose && { choose: options.choose }),
        notice,
    });
    let tokenizer: ClipTokenizer | undefined;
    return {
        checkpoint,
        get device() {
            return pool.report;
        },
        get tokenizer() {
            tokenizer ??= loadTokenizer(checkpoint.tokenizer);
            return tokenizer;
        },
        encodeText: rememberingEncoder(textEncoder, pool),
        unet: (compiled = {}) => openUnet(unet, pool, compiled, compiled.expectedCalls ?? expectedCalls),
        encodeImage: (pixels) => encodeImage(vae, pool, pixels),
        decode: (latents) => decodeLatents(vae, pool, latents),
        async release(part) {
            await pool.release(part);
            if (part === 'unet') await pool.release('unet branch');
            if (part === 'vae') await pool.release('decoder');
        },
        async close() {
            for (const part of ['text', 'unet', 'unet branch', 'vae', 'decoder']) await pool.release(part);
        },
    };
}
