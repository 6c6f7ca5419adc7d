/** Which linear layers of a U-Net run in 8 bits where a plan asks for it, and where their quantised weights are. */
import {
    channelScales,
    type QuantisedLinear,
    type QuantisedLinears,
    quantiseWeights,
} from '../graph/forms/int8-linear.ts';
import {
    type CacheOptions,
    type Preparation,
    type PreparedForm,
    preparedWeights,
} from '../weights/cache/prepared-weights.ts';
import type { PartTensors } from '../weights/parts.ts';

/** Changes with the arithmetic, so that files of earlier versions are not used. */
const FORM = 'int8 1';

/** The quantised layers of a part; the reason where they can't be had. */
export type Int8Linears =
    /** `madeBytes`: the size of the file, where this call made it. */
    { readonly linears: QuantisedLinears; readonly madeBytes?: number } | { readonly reason: string };

const WEIGHTS = '.int8';
const SCALES = '.scales';

/** Finds the layers, and quantises their weights where no earlier run did. */
export async function int8Linears(weights: PartTensors, cache: CacheOptions = {}): Promise<Int8Linears> {
    const all = layersOf(weights);
    const computed = new Map(all.map(({ name }) => [name, { kind: 'computed' } as const]));
    const found = all.filter(({ name }) => !weights.changes?.has(`${name}.weight`));
    if (found.length === 0) return { linears: computed };
    // Scales first: bytes of any number would leave them at odd places.
    const preparations = [SCALES, WEIGHTS].flatMap((suffix) =>
        found.map(({ name, source }): Preparation => {
            const [to = 0, from = 0] = source.shape;
            const result =
                suffix === SCALES
                    ? ({ dims: [to], dtype: 'F32' } as const)
                    : ({ dims: [from, to], dtype: 'U8' } as const);
            return { name: name + suffix, source, ...result };
        }),
    );
    const form: PreparedForm = {
        form: FORM,
        prepare: (values, { dtype, source: { shape } }) =>
            (dtype === 'F32' ? channelScales : quantiseWeights)(values, shape[0]!, shape[1]!),
    };
    try {
        const prepared = await preparedWeights(preparations, form, cache);
        if ('reason' in prepared) return prepared;
        const { tensors, madeBytes } = prepared;
        const layers = found.map(({ name }): [string, QuantisedLinear] => [
            name,
            { kind: 'prepared', weights: tensors.get(name + WEIGHTS)!, scales: tensors.get(name + SCALES)! },
        ]);
        return { linears: new Map([...computed, ...layers]), ...(madeBytes && { madeBytes }) };
    } catch (error) {
        return { reason: error instanceof Error ? error.message : String(error) };
    }
}

/**
 * The products over pixels in transformers. Texts are short and their products computed quickly, and the timestep's are single rows:
 * both stay as they are.
 */
function layersOf(weights: PartTensors): readonly Pick<Preparation, 'name' | 'source'>[] {
    // Weights that are still to be made, as in a learning, can't be prepared.
    if (weights.find) return [];
    return [...weights.tensors].flatMap(([key, source]) => {
        const name = key.replace(/\.weight$/, '');
        if (name === key || source.shape.length !== 2 || !LAYER.test(name)) return [];
        return [{ name, source }];
    });
}

const LAYER =
    /\.transformer_blocks\.\d+\.(attn1\.to_[qkv]|attn1\.to_out\.0|attn2\.to_q|attn2\.to_out\.0|ff\.net\.0\.proj|ff\.net\.2)$/;
