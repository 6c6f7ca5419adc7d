/** Checkpoints: a model on disk, whatever its form, as configurations and places of tensors. */
import { statSync } from 'node:fs';
import { readPredictionType } from './config.ts';
import { readDiffusersFolder } from './diffusers-folder.ts';
import { fileDigest } from './digest.ts';
import { ModelError } from './model-error.ts';
import { bytesOf, type Checkpoint, type Overrides, type PartTensors } from './parts.ts';
import { readSingleFile } from './single-file/single-file.ts';

/** Reads a model's headers and configurations; no tensor is touched. Throws `ModelError`. */
export function openCheckpoint(path: string, overrides: Overrides = {}): Checkpoint {
    const status = statSync(path, { throwIfNoEntry: false });
    if (!status) {
        throw new ModelError(
            'model/not-found',
            `There is no model at "${path}". Check the path, or download the model first.`,
        );
    }
    const parts = status.isDirectory() ? readDiffusersFolder(path, overrides) : readSingleFile(path, overrides);
    const { unet, vae, textEncoder } = parts;
    if (unet.config.contextWidth !== textEncoder.config.width) {
        const widths = `${textEncoder.config.width} wide where the U-Net reads ${unet.config.contextWidth}`;
        throw new ModelError('model/unsupported', `"${path}" mixes two models: its text embeddings are ${widths}.`);
    }
    const { inChannels, outChannels } = unet.config;
    if ((inChannels !== 4 && inChannels !== 9) || outChannels !== 4) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" ${channelsOf(inChannels, outChannels)}; 4 and 9 (inpainting) input channels and 4 output channels are supported.`,
        );
    }
    if (vae.config.latentChannels !== outChannels) {
        throw new ModelError(
            'model/unsupported',
            `"${vae.weights.source}" is a VAE of another family: its latents have ${vae.config.latentChannels} channels, those of the U-Net ${outChannels}.`,
        );
    }
    const pixelsPerLatent = 2 ** (vae.config.widths.length - 1);
    return {
        ...parts,
        path,
        predictionType: readPredictionType(parts.scheduler, `${path} (scheduler)`),
        isInpainting: unet.config.inChannels === 9,
        latentScale: vae.config.scalingFactor,
        pixelsPerLatent,
        nativeSize: unet.config.sampleSize * pixelsPerLatent,
        unetBytes: bytesOf(unet.weights),
        digests: () => digestsOf([unet.weights, vae.weights, textEncoder.weights]),
    };
}

/** What a U-Net of other widths at its ends is made for. */
function channelsOf(inputs: number, outputs: number): string {
    const kind: Readonly<Record<number, string>> = {
        5: 'is a depth-to-image model',
        7: 'is an upscaling model',
        8: 'is an InstructPix2Pix model, which edits a picture by instructions',
    };
    const what = kind[inputs] ?? 'is made for another task';
    return `${what}: its U-Net has ${inputs} input and ${outputs} output channels`;
}

async function digestsOf(parts: readonly PartTensors[]): Promise<Readonly<Record<string, string>>> {
    const digests: Record<string, string> = {};
    for (const { source, tensors } of parts) {
        const files = [...new Set([...tensors.values()].map((location) => location.file))].sort();
        for (const [index, file] of files.entries()) {
            const name = files.length > 1 ? `${source}#${index + 1}` : source;
            digests[name] ??= await fileDigest(file);
        }
    }
    return digests;
}
