/** Pictures to learn from: encoded once, with the captions that they may be shown under. */
import { createHash } from 'node:crypto';
import type { EdgeThresholds } from '../../plan/learn.ts';
import { captionsOf } from '../../plan/parts.ts';
import type { LessonPictures, Size } from '../../plan/plan.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { edges } from '../pictures/edges.ts';
import { mirrored, type Rgb } from '../pictures/picture.ts';
import { covering, toUnit } from '../pictures/pixels.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { LearnContext } from './context.ts';
import { LearnError } from './learn-error.ts';

/** A diagonal Gaussian over a picture's latents `[1, 4, h, w]`, in the scale that the U-Net sees. */
export interface EncodedPicture {
    readonly mean: Tensor;
    readonly deviation: Float32Array;
    /** The hint of a ControlNet, `[1, 3, H, W]` with values in [0, 1]. */
    readonly hint?: Tensor;
}

export interface Exhibit {
    readonly captions: readonly string[];
    /** The picture, and its mirror image where the plan flips; each with one hint or another where a ControlNet is learnt. */
    readonly views: readonly EncodedPicture[];
    /** SHA-256 of the fitted pixels. */
    readonly sha256: string;
}

export interface ExhibitOptions {
    readonly size: Size;
    readonly flip: boolean;
    /** Edges as hints, for a ControlNet. */
    readonly hint?: EdgeThresholds;
}

/** Reads and encodes groups of pictures. Pictures smaller than the size are reported; none at all is an error. */
export async function readExhibits(
    groups: readonly LessonPictures[],
    { size, flip, hint }: ExhibitOptions,
    { model, readPictures, emit }: Pick<LearnContext, 'model' | 'readPictures' | 'emit'>,
): Promise<readonly Exhibit[]> {
    const exhibits: Exhibit[] = [];
    let small = 0;
    for (const group of groups) {
        const pictures = await readPictures(group);
        const captions = captionsOf(group);
        if (captions.length !== pictures.length) {
            const message = `${captions.length} captions came with ${pictures.length} pictures; give each picture its own.`;
            throw new LearnError('learn/pictures', message);
        }
        for (const [index, picture] of pictures.entries()) {
            if (picture.width < size.width || picture.height < size.height) small++;
            const fitted = covering(picture, size);
            const views: EncodedPicture[] = [];
            for (const view of flip ? [fitted, mirrored(fitted)] : [fitted]) {
                const encoded = await encode(model, view);
                if (hint) views.push(...hintsOf(view, hint).map((one) => ({ ...encoded, hint: one })));
                else views.push(encoded);
            }
            const sha256 = createHash('sha256').update(fitted.data).digest('hex');
            exhibits.push({ captions: captions[index]!, views, sha256 });
        }
    }
    if (exhibits.length === 0) throw new LearnError('learn/pictures', 'There are no pictures to learn from.');
    if (small > 0) {
        const text = `${small} of ${exhibits.length} pictures are smaller than ${size.width}x${size.height} and are enlarged.`;
        emit({ kind: 'notice', text });
    }
    return exhibits;
}

/** Hints are drawn with these shares of the thresholds: pictures to be made have more edges or fewer than those learnt from. */
const THRESHOLD_SHARES = [1, 0.6];

/** What a ControlNet is shown: white edges on black, of the same picture that it is to make. */
function hintsOf(picture: Rgb, { low, high }: EdgeThresholds): readonly Tensor[] {
    return THRESHOLD_SHARES.map((share) => {
        const { data, dims } = toUnit(edges(picture, share * low, share * high));
        return tensor(
            data.map((value) => (value + 1) / 2),
            dims,
        );
    });
}

async function encode(model: StableDiffusion, picture: Rgb): Promise<EncodedPicture> {
    const { mean, logvar } = await model.encodeImage(toUnit(picture));
    const scale = model.checkpoint.latentScale;
    return {
        mean: { data: mean.data.map((value) => value * scale), dims: mean.dims },
        deviation: logvar.data.map((value) => Math.exp(value / 2) * scale),
    };
}
