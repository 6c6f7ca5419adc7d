/** Attention maps: where in the picture each word of the prompt is looked at (DAAM, Tang et al. 2022, arXiv 2210.04885). */

import { promptsOf } from '../../plan/passes/texts.ts';
import { type Prompt, promptAt } from '../../plan/phrases.ts';
import type { PicturePlan, Size } from '../../plan/plan.ts';
import type { RowLayout } from '../../plan/rows/rows.ts';
import type { Moment } from '../../plan/steps.ts';
import type { AttentionMap } from '../engine/stable-diffusion.ts';
import type { Rgb } from '../pictures/picture.ts';
import { type LearnedIds, promptTokens } from '../text/segments.ts';
import type { ClipTokenizer } from '../text/tokenizer.ts';

/**
 * One overlay a word of the trace's `attention`: probabilities averaged over heads (by the U-Net), layers, the word's
 * tokens and the prompt rows that know the word at the moment; scaled to the map's own maximum and laid over the picture.
 */
export function wordMaps(
    tokenizer: ClipTokenizer,
    layout: RowLayout,
    picture: number,
    moment: Moment,
    maps: readonly AttentionMap[],
    under: Rgb,
    learned: LearnedIds = new Map(),
): Readonly<Record<string, Rgb>> {
    const { trace } = layout.plan;
    const prompts = promptsOf(layout.plan);
    const overlays: Record<string, Rgb> = {};
    for (const word of trace?.attention ?? []) {
        const heat = new Float32Array(under.width * under.height);
        layout.guided.forEach((row, r) => {
            if (row.role !== 'prompt' || row.picture !== picture) return;
            const tokens = tokensOf(tokenizer, promptAt(prompts[row.member] ?? prompts[0]!, moment), word, learned);
            for (const map of maps) addMap(heat, under, map, r, tokens);
        });
        overlays[word] = overlay(under, heat);
    }
    return overlays;
}

/** Words of the plan's trace that no phrase of its prompts has, as a sentence; undefined where there are none. */
export function unreadWords(tokenizer: ClipTokenizer, plan: PicturePlan, learned: LearnedIds): string | undefined {
    const { attention = [], gradient = [] } = plan.trace ?? {};
    const isRead = (word: string) =>
        promptsOf(plan).some((prompt) => tokensOf(tokenizer, prompt, word, learned).length > 0);
    const unread = [...new Set([...attention, ...gradient])].filter((word) => !isRead(word));
    if (unread.length === 0) return undefined;
    const maps = unread.length === 1 ? 'its heat map is' : 'their heat maps are';
    return `The prompt does not say ${unread.map((word) => `"${word}"`).join(', ')}: ${maps} empty. Trace words of the prompt.`;
}

/** Positions of a word's tokens in the encoded prompt, the start token counted. A learned word is meant with and without its brackets. */
function tokensOf(tokenizer: ClipTokenizer, prompt: Prompt, word: string, learned: LearnedIds): readonly number[] {
    const idsOf = (phrases: Prompt['phrases']) => promptTokens(tokenizer, phrases, learned).map((token) => token.id);
    const ids = idsOf(prompt.phrases);
    const wanted = idsOf([{ text: learned.has(word) ? `<${word}>` : word, weight: 1 }]);
    if (wanted.length === 0) return [];
    return ids.flatMap((_, at) =>
        wanted.every((id, k) => ids[at + k] === id) ? wanted.map((_id, k) => at + k + 1) : [],
    );
}

/** Adds one layer's attention to some tokens. */
function addMap(
    heat: Float32Array,
    size: Rgb,
    { probabilities }: AttentionMap,
    row: number,
    tokens: readonly number[],
): void {
    const [, positions = 0, sequence = 0] = probabilities.dims;
    // The layer's own height and width, from the picture's shape.
    const height = Math.round(Math.sqrt((positions * size.height) / size.width));
    const width = Math.round(positions / height);
    const known = tokens.filter((token) => token < sequence);
    if (known.length === 0 || height * width !== positions) return;
    const plane = new Float32Array(positions);
    for (let i = 0; i < positions; i++) {
        for (const token of known)
            plane[i]! += probabilities.data[(row * positions + i) * sequence + token]! / known.length;
    }
    addEnlarged(heat, size, plane, { width, height });
}

/** Adds a plane of cells, enlarged to the picture by bilinear interpolation. */
export function addEnlarged(heat: Float32Array, size: Size, plane: Float32Array, { width, height }: Size): void {
    for (let y = 0; y < size.height; y++) {
        const [top, bottom, v] = between(y, size.height, height);
        for (let x = 0; x < size.width; x++) {
            const [left, right, u] = between(x, size.width, width);
            const above = plane[top * width + left]! * (1 - u) + plane[top * width + right]! * u;
            const below = plane[bottom * width + left]! * (1 - u) + plane[bottom * width + right]! * u;
            heat[y * size.width + x]! += above * (1 - v) + below * v;
        }
    }
}

/** The two cells that a pixel lies between, and its share of the second. */
function between(pixel: number, pixels: number, cells: number): readonly [number, number, number] {
    const at = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) * cells) / pixels - 0.5));
    const first = Math.floor(at);
    return [first, Math.min(cells - 1, first + 1), at - first];
}

/** Heat over a greyed picture: dark violet where a word is looked at least, yellow where most. */
export function overlay(under: Rgb, heat: Float32Array): Rgb {
    let low = Number.POSITIVE_INFINITY;
    let high = 0;
    for (const value of heat) {
        low = Math.min(low, value);
        high = Math.max(high, value);
    }
    const data = new Uint8Array(under.data.length);
    for (let i = 0; i < heat.length; i++) {
        const share = high > low ? (heat[i]! - low) / (high - low) : 0;
        const grey = (under.data[3 * i]! + under.data[3 * i + 1]! + under.data[3 * i + 2]!) / 3;
        const [r, g, b] = colourOf(share);
        data[3 * i] = 0.4 * grey + 0.6 * r;
        data[3 * i + 1] = 0.4 * grey + 0.6 * g;
        data[3 * i + 2] = 0.4 * grey + 0.6 * b;
    }
    return { width: under.width, height: under.height, data };
}

/** Five stops of the "inferno" colour map, evenly spaced. */
const STOPS = [
    [0, 0, 4],
    [87, 16, 110],
    [188, 55, 84],
    [249, 142, 9],
    [252, 255, 164],
] as const;

function colourOf(share: number): readonly [number, number, number] {
    const at = Math.min(STOPS.length - 1.001, share * (STOPS.length - 1));
    const k = Math.floor(at);
    const mix = (c: 0 | 1 | 2) => STOPS[k]![c] + (STOPS[k + 1]![c] - STOPS[k]![c]) * (at - k);
    return [mix(0), mix(1), mix(2)];
}
