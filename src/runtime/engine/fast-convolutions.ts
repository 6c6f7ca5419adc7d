/** Which convolutions of a U-Net and of a decoder run as Winograd's, and where their transformed weights are. */
import {
    type TransformedConvolutions,
    tilePositions,
    transformWeights,
    type WinogradForm,
} from '../graph/forms/winograd-weights.ts';
import {
    type CacheOptions,
    type Preparation,
    type PreparedForm,
    preparedWeights,
} from '../weights/cache/prepared-weights.ts';
import type { UnetConfig, VaeConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';

/**
 * Where the transform pays: it saves multiplications in proportion to channels, and its weights take four times the space as 4x4,
 * 1.8 times as 2x2. A pixel of a coarse level has more weights, so these take the second.
 */
export interface ConvolutionRule {
    /** Least side of a level's features, at the size that the model was trained at, for each form. */
    readonly leastSide: Readonly<Record<WinogradForm, number>>;
    /** Channels that go in, and channels that come out. */
    readonly leastWidth: number;
}

/** By measurements: docs/decisions/0016-winograd-out-of-stock-operators.md. */
const RULE: ConvolutionRule = { leastSide: { '4x4': 32, '2x2': 16 }, leastWidth: 256 };

/** Changes with the arithmetic of the transform, so that files of earlier versions are not used. */
const FORM = 'winograd 1';

/** The convolutions of a part, none where the rule fits none; the reason where they can't be had. */
export type FastConvolutions =
    /** `madeBytes`: the size of the file, where this call made it. */
    { readonly convolutions: TransformedConvolutions; readonly madeBytes?: number } | { readonly reason: string };

/** Finds the convolutions of a U-Net by the rule, and prepares their weights where no earlier run did. */
export function fastConvolutions(
    part: ConfiguredPart<UnetConfig>,
    rule: ConvolutionRule = RULE,
    cache: CacheOptions = {},
): Promise<FastConvolutions> {
    return prepared(unetConvolutions(part, rule), cache);
}

/** The same for a VAE's decoder, whose narrowest convolutions have `leastWidth` channels. */
export function fastDecoderConvolutions(
    part: ConfiguredPart<VaeConfig>,
    leastWidth = DECODER_WIDTH,
    cache: CacheOptions = {},
): Promise<FastConvolutions> {
    return prepared(decoderConvolutions(part, leastWidth), cache);
}

async function prepared(found: readonly Convolution[], cache: CacheOptions): Promise<FastConvolutions> {
    if (found.length === 0) return { convolutions: new Map() };
    const forms = new Map(found.map(({ name, form }) => [name, form]));
    const preparedForm: PreparedForm = {
        form: FORM,
        prepare: (values, { name, source: { shape } }) =>
            transformWeights(values, shape[0]!, shape[1]!, forms.get(name)!),
    };
    try {
        const prepared = await preparedWeights(found, preparedForm, cache);
        if ('reason' in prepared) return prepared;
        const { tensors, madeBytes } = prepared;
        const entries = found.map(
            ({ name, form, level, parts }) =>
                [name, { form, level, ...(parts && { parts }), location: tensors.get(name)! }] as const,
        );
        return { convolutions: new Map(entries), ...(madeBytes && { madeBytes }) };
    } catch (error) {
        return { reason: error instanceof Error ? error.message : String(error) };
    }
}

type Convolution = Preparation & { readonly form: WinogradForm; readonly level: number; readonly parts?: number };

/** Convolutions of a U-Net's residual layers and upsamplers; those that an adapter changes are left out. */
function unetConvolutions(
    { config, weights }: ConfiguredPart<UnetConfig>,
    { leastSide, leastWidth }: ConvolutionRule,
): readonly Convolution[] {
    // Weights that are still to be made, as in a learning, can't be prepared.
    if (weights.find) return [];
    return [...weights.tensors].flatMap(([key, source]) => {
        const name = key.replace(/\.weight$/, '');
        const [to = 0, from = 0, height, width] = source.shape;
        const level = levelOf(name, config.widths.length);
        if (name === key || height !== 3 || width !== 3 || level === undefined) return [];
        if (weights.changes?.has(key) || from < leastWidth || to < leastWidth) return [];
        const side = config.sampleSize / 2 ** level;
        const form = (['4x4', '2x2'] as const).find((one) => side >= leastSide[one]);
        return form ? [{ name, source, form, level, dims: [tilePositions(form), to, from], dtype: 'F32' }] : [];
    });
}

/** The level of a convolution of stride 1, 0 is the finest; an upsampler runs at the level that it makes. */
function levelOf(name: string, levels: number): number | undefined {
    const [, side, block = '', kind] = LAYER.exec(name) ?? [];
    switch (side) {
        case 'down_blocks':
            return kind === 'resnets' ? Number(block) : undefined;
        case 'up_blocks':
            return levels - 1 - Number(block) - (kind === 'upsamplers' ? 1 : 0);
        default:
            return name.startsWith('mid_block.resnets.') ? levels - 1 : undefined;
    }
}

const LAYER = /^(down_blocks|up_blocks)\.(\d+)\.(resnets|upsamplers)\./;

/** Least channels of a decoder's finest level: that of Stable Diffusion has 128, the built-in model's 32. */
const DECODER_WIDTH = 128;

/** Values of an input that are transformed at once. Smaller parts stay in smaller caches, and make larger graphs, which open slowly. */
const VALUES_PER_PART = 2 ** 18;

/** Side of the picture that decoders are made for: decides the parts alone, never the arithmetic. */
const DECODED_SIDE = 512;

/** Convolutions of residual layers of a decoder; its enlargements have a form of their own. */
function decoderConvolutions(
    { config, weights }: ConfiguredPart<VaeConfig>,
    leastWidth: number,
): readonly Convolution[] {
    if (weights.find || config.widths[0]! < leastWidth) return [];
    return [...weights.tensors].flatMap(([key, source]) => {
        const [, name, block] = DECODER_LAYER.exec(key) ?? [];
        const [to = 0, from = 0, height] = source.shape;
        if (name === undefined || height !== 3) return [];
        const level = config.widths.length - 1 - Number(block ?? 0);
        const tiles = (DECODED_SIDE / 2 ** level / 4) ** 2;
        const parts = Math.max(1, Math.round((tiles * from) / VALUES_PER_PART));
        return [{ name, source, form: '4x4', level, parts, dims: [tilePositions('4x4'), to, from], dtype: 'F32' }];
    });
}

const DECODER_LAYER = /^(decoder\.(?:mid_block|up_blocks\.(\d+))\.resnets\.\d+\.conv[12])\.weight$/;
