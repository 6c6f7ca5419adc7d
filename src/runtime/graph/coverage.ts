/** Whether a model's files and its graphs agree: every tensor is read, and every tensor that is read is there. */

import type { ControlNetConfig } from '../weights/config.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Checkpoint, ConfiguredPart, PartTensors } from '../weights/parts.ts';
import { clipGraph } from './clip.ts';
import { controlNetGraph } from './controlnet.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import type { Graph } from './graph.ts';
import { unetGraph } from './unet.ts';
import { vaeDecoderGraph, vaeEncoderGraph } from './vae.ts';

/** Tensors that no graph reads and no picture depends on. */
const KNOWN_EXTRAS = {
    unet: /^$/,
    // Remains of the VAE's training: its discriminator, and running averages of weights.
    vae: /^(?:loss|model_ema)\./,
    // Counters that are 0, 1, 2 …; and what compares texts with pictures.
    text: /^(?:(?:text_model\.)?embeddings\.position_ids|attn_mask|text_projection(?:\.weight)?|logit_scale)$/,
    controlnet: /^$/,
} as const;

/** Any form will do: all forms read the same tensors. */
const FORMS: OperatorForms = { linear: 'fused-matmul', attention: 'fused' };

/**
 * Builds the graphs of a checkpoint without any weight being touched. Throws `ModelError`: `model/missing-tensor` names
 * the first tensor that is missing or has another shape, `model/unread-tensor` those that would be left out.
 */
export function checkCoverage({ unet, vae, textEncoder }: Checkpoint): void {
    checkPart(unet, [(part) => unetGraph(part, FORMS)], KNOWN_EXTRAS.unet, 'U-Net');
    const both = [vaeEncoderGraph, vaeDecoderGraph].map((build) => (part: typeof vae) => build(part, FORMS));
    checkPart(vae, both, KNOWN_EXTRAS.vae, 'VAE');
    checkPart(textEncoder, [(part) => clipGraph(part, FORMS)], KNOWN_EXTRAS.text, 'text encoder');
}

/** The same for a ControlNet. */
export function checkControlNetCoverage(net: ConfiguredPart<ControlNetConfig>): void {
    checkPart(net, [(part) => controlNetGraph(part, FORMS)], KNOWN_EXTRAS.controlnet, 'ControlNet');
}

function checkPart<Config>(
    part: ConfiguredPart<Config>,
    graphs: readonly ((part: ConfiguredPart<Config>) => Graph)[],
    extras: RegExp,
    what: string,
): void {
    const read = new Set<string>();
    const watched: PartTensors = {
        ...part.weights,
        find: (name) => {
            read.add(name);
            return part.weights.tensors.get(name);
        },
    };
    for (const build of graphs) build({ ...part, weights: watched });
    const unread = [...part.weights.tensors.keys()].filter((name) => !read.has(name) && !extras.test(name));
    if (unread.length > 0) throw unreadTensors(part.weights, unread, what);
}

function unreadTensors(
    { source, nameInFile = (name) => name }: PartTensors,
    unread: readonly string[],
    what: string,
): ModelError {
    const [first, ...others] = unread.map(nameInFile);
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return new ModelError(
        'model/unread-tensor',
        `"${source}" holds tensors that this ${what} does not read: "${first}"${more}. It is a model of another kind, or was changed by a tool; a picture without them would be another model's.`,
    );
}
