/** Checkpoints: a model on disk, whatever its form, as configurations and places of tensors. */
import { statSync } from 'node:fs';
import { readDiffusersFolder } from './diffusers-folder.ts';
import { fileDigest } from './digest.ts';
import { ModelError } from './model-error.ts';
import { bytesOf, type Checkpoint, type Overrides, type Weights } from './parts.ts';
import { readSingleFile } from './single-file.ts';

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
    if (unet.config.inChannels !== 4 && unet.config.inChannels !== 9) {
        throw new ModelError(
            'model/unsupported',
            `"${path}" has a U-Net with ${unet.config.inChannels} input channels; 4 and 9 (inpainting) are supported.`,
        );
    }
    const pixelsPerLatent = 2 ** (vae.config.widths.length - 1);
    return {
        ...parts,
        path,
        isInpainting: unet.config.inChannels === 9,
        latentScale: vae.config.scalingFactor,
        pixelsPerLatent,
        nativeSize: unet.config.sampleSize * pixelsPerLatent,
        unetBytes: bytesOf(unet.weights),
        digests: () => digestsOf([unet.weights, vae.weights, textEncoder.weights]),
    };
}

async function digestsOf(parts: readonly Weights[]): Promise<Readonly<Record<string, string>>> {
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
