/** The VAE at work: pictures to latents and back, in tiles where the picture is large. */
import type { OperatorForms } from '../graph/forms/operator-forms.ts';
import { vaeDecoderGraph, vaeEncoderGraph } from '../graph/vae.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { VaeConfig } from '../weights/config.ts';
import { ModelError } from '../weights/model-error.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import type { SessionPool } from './session-pool.ts';
import type { Posterior } from './stable-diffusion.ts';
import { tiled } from './tiles.ts';

/** Bytes that decoding one picture may take at its peak before it is done in tiles (about 768 x 768 with SD1's VAE). */
const DECODE_LIMIT = 3 * 2 ** 30;

/** Wide enlargements are folded into the convolution behind them: 16 instead of 36 products for each pixel of the small picture. */
const FOLDED = { leastWidth: 256 } as const;

const TILE = { side: 64, overlap: 16 } as const;

/** `pixels [B, 3, H, W]` in [-1, 1] → mean and logvar of the latents, unscaled. */
export async function encodeImage(
    part: ConfiguredPart<VaeConfig>,
    pool: SessionPool,
    pixels: Tensor,
): Promise<Posterior> {
    const [, channels, height = 0, width = 0] = pixels.dims;
    const unit = 2 ** (part.config.widths.length - 1);
    if (channels !== part.config.imageChannels || height % unit !== 0 || width % unit !== 0 || height * width === 0) {
        throw new ModelError(
            'model/unsupported',
            `A picture of shape [${pixels.dims}] can't be encoded: its sides must be multiples of ${unit}.`,
        );
    }
    const session = await pool.session('vae', 'encoder', (forms) => vaeEncoderGraph(part, forms));
    const { mean, logvar } = await session.run({ pixels });
    return { mean: mean!, logvar: logvar! };
}

/** Latents as the sampler holds them → pixels, unclamped. `limit` is the peak in bytes from which tiles are used. */
export async function decodeLatents(
    part: ConfiguredPart<VaeConfig>,
    pool: SessionPool,
    latents: Tensor,
    limit: number = DECODE_LIMIT,
): Promise<Tensor> {
    const { config } = part;
    const folds = config.widths.slice(1).some((width) => width >= FOLDED.leastWidth);
    const build = (forms: OperatorForms) => vaeDecoderGraph(part, forms);
    const session = await pool.session('decoder', 'whole', build, folds ? { folded: FOLDED } : {});
    const unscaled = tensor(
        latents.data.map((value) => value / config.scalingFactor),
        latents.dims,
    );
    const decode = async (tile: Tensor) => (await session.run({ latents: tile })).pixels!;
    if (peakBytes(config, latents) <= limit) return decode(unscaled);
    return tiled(unscaled, { ...TILE, scale: 2 ** (config.widths.length - 1) }, decode);
}

/** About five feature maps of the widest layer at full size live at once: 1.3 GB at 512 x 512 with SD1's VAE. */
function peakBytes(config: VaeConfig, latents: Tensor): number {
    const [batch = 1, , height = 0, width = 0] = latents.dims;
    const pixels = batch * height * width * 4 ** (config.widths.length - 1);
    return 5 * 4 * pixels * Math.max(config.widths[0]!, config.widths[1] ?? 0);
}
