/** Half precision: which products of a part a device computes in 16 bits, and why. */
import type { Precision } from '../../plan/plan.ts';
import { HALF_PRODUCTS, type HalfProduct, type HalfProducts } from '../graph/forms/operator-forms.ts';
import type { PartTensors } from '../weights/parts.ts';
import type { Device } from './devices.ts';
import type { HalfErrors } from './self-test.ts';
import { firstLine } from './session.ts';

export interface HalfChoice {
    /** None of them: the part is computed in 32 bits. */
    readonly products: HalfProducts;
    /** Why less is in 16 bits than a plan asks for. */
    readonly fallbacks: readonly string[];
}

/**
 * Errors of products whose sums are kept in 32 bits stay below this (see `halfErrors`): the picture is as near to that of 32
 * bits as it gets with weights of 16. Such devices compute files of 16 bits in 16 bits unless a plan says otherwise.
 */
const EXACT_SUMS = 2e-3;

/** Beyond this a driver is wrong, not rough: the longest sums of a convolution come to 1.5e-2 when they are kept in 16 bits. */
const LIMITS: Readonly<Record<HalfProduct, number>> = { linear: 2e-2, convolution: 3e-2, attention: 1e-2 };

const NAMES: Readonly<Record<HalfProduct, string>> = {
    linear: 'linear layers',
    convolution: 'convolutions',
    attention: 'attention',
};

const NONE: HalfChoice = { products: [], fallbacks: [] };

/** By the plan, the files and the device's self-tests alone: the same run on the same device always makes the same choice. */
export async function chooseHalf(
    device: Pick<Device, 'backend' | 'forms' | 'halfErrors'>,
    weights: PartTensors,
    precision: Precision | undefined,
): Promise<HalfChoice> {
    const isAsked = precision === 'fp16';
    if (!isAsked && (precision !== undefined || !isStoredInHalf(weights))) return NONE;
    const none = (why: string): HalfChoice =>
        isAsked ? { products: [], fallbacks: [`${why}: it takes 32 bits.`] } : NONE;
    const { backend, halfErrors } = device;
    if (!halfErrors) return none('`precision fp16` has no effect on the CPU');
    let errors: HalfErrors;
    try {
        errors = await halfErrors();
    } catch (error) {
        return none(`\`precision fp16\` has no effect on this ${backend} device (${whyNone(error)})`);
    }
    // The plain form of attention is computed in 32 bits anyway.
    const possible = HALF_PRODUCTS.filter((product) => product !== 'attention' || device.forms.attention === 'fused');
    const products = possible.filter((product) => errors[product] <= (isAsked ? LIMITS[product] : EXACT_SUMS));
    const has = (product: HalfProduct) => products.includes(product);
    if (!isAsked) return has('linear') && has('convolution') ? { products, fallbacks: [] } : NONE;
    const wrong = possible
        .filter((product) => !has(product))
        .map((product) => `${NAMES[product]} ${errors[product].toPrecision(2)} off`);
    if (wrong.length === 0) return { products, fallbacks: [] };
    const text = `16 bits are wrong on this ${backend} driver (${wrong.join(', ')})`;
    if (!has('linear') && !has('convolution')) return none(text);
    return { products, fallbacks: [`${text}: what is wrong takes 32 bits.`] };
}

/** Why a device computes nothing in 16 bits; WebGPU's feature is called shader-f16. */
export function whyNone(error: unknown): string {
    if (/\bf16\b/.test(String(error))) return 'it has no shader-f16';
    return firstLine(error instanceof Error && error.cause ? error.cause : error);
}

/** What a doctor says of a device's half precision. */
export function halfText(errors: HalfErrors): string {
    const each = HALF_PRODUCTS.map((product) => `${NAMES[product]} ${errors[product].toExponential(1)}`).join(', ');
    const isExact = errors.linear <= EXACT_SUMS && errors.convolution <= EXACT_SUMS;
    const when = isExact
        ? 'models of 16 bits run in 16 bits'
        : 'sums are kept in 16 bits, so models run in 32 bits unless a spec says `precision fp16`';
    return `In 16 bits ${each} off: ${when}.`;
}

/** The name that records give a choice; another choice has another name, since its bits differ. */
export function halfName(products: HalfProducts): string {
    return products.length === HALF_PRODUCTS.length ? 'fp16' : `fp16:${products.join('+')}`;
}

/** Most of the weights have 16 bits in the file. */
function isStoredInHalf({ tensors }: PartTensors): boolean {
    const all = [...tensors.values()];
    return 2 * all.filter(({ dtype }) => dtype === 'F16').length > all.length;
}
