/** Weights as a hand changes them: by dragging a layer, by keys, and point by point over the steps. */
import { type Curve, constant, type Easing, valueAt } from '../../../../plan/curve.ts';
import type { Site, SiteWeight } from '../../../../plan/sites.ts';

/** What a click gives to a layer that has no weight. */
export const FIRST_WEIGHT = 0.3;
/** Weight per pixel of a drag. */
const PER_PIXEL = 0.005;
/** Weights beyond this break the picture on every model. */
const MOST = 5;

/** By hundredths, as people write weights. */
export function roundWeight(value: number): number {
    return Math.min(MOST, Math.max(-MOST, Math.round(value * 100) / 100)) || 0;
}

/** The weight after a drag upwards by so many pixels. */
export function dragged(from: number, up: number): number {
    return roundWeight(from + up * PER_PIXEL);
}

/** The steps of keys: fine with Shift. */
export function keyStep(key: string, shift: boolean): number | undefined {
    const steps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
    const count = steps[key];
    return count === undefined ? undefined : count * (shift ? 0.01 : 0.05);
}

/** The largest value of a curve, whichever its sign; a drag moves this one, and the others in proportion. */
export function peakOf({ keys }: Curve): number {
    return keys.reduce((most, { value }) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
}

/** A curve of the same shape with another peak. */
export function withPeak(curve: Curve, peak: number): Curve {
    const before = peakOf(curve);
    if (curve.keys.length === 1 || before === 0) return constant(peak);
    return { ...curve, keys: curve.keys.map((key) => ({ ...key, value: roundWeight((key.value * peak) / before) })) };
}

/** The sites with a weight in the place of another one, or without the site; new sites come last. */
export function withWeight(sites: readonly SiteWeight[], site: Site, weight: Curve | undefined): readonly SiteWeight[] {
    if (!weight) return sites.filter((one) => one.site !== site);
    const known = sites.some((one) => one.site === site);
    const next = { site, weight };
    return known ? sites.map((one) => (one.site === site ? next : one)) : [...sites, next];
}

/** Points come no nearer to each other than this part of the steps. */
const LEAST_APART = 0.01;

/** The curve with one point elsewhere, between its neighbours. */
export function withPoint(curve: Curve, index: number, to: { readonly at?: number; readonly value?: number }): Curve {
    const point = curve.keys[index];
    if (!point) return curve;
    const low = (curve.keys[index - 1]?.at ?? -LEAST_APART) + LEAST_APART;
    const high = (curve.keys[index + 1]?.at ?? 1 + LEAST_APART) - LEAST_APART;
    const at = to.at === undefined ? point.at : Math.round(Math.min(high, Math.max(low, to.at)) * 100) / 100;
    const next = { at, value: to.value === undefined ? point.value : roundWeight(to.value) };
    return { ...curve, keys: curve.keys.map((key, k) => (k === index ? next : key)) };
}

/** The curve with a further point in its widest gap; a constant becomes a line from its value to 0. */
export function withMorePoints(curve: Curve): Curve {
    const [first] = curve.keys;
    if (curve.keys.length === 1 && first) {
        return {
            easing: curve.easing,
            keys: [
                { at: 0, value: first.value },
                { at: 1, value: 0 },
            ],
        };
    }
    const gaps = curve.keys.slice(1).map(({ at }, k) => at - curve.keys[k]!.at);
    const widest = gaps.indexOf(Math.max(...gaps));
    const at = Math.round((curve.keys[widest]!.at + gaps[widest]! / 2) * 100) / 100;
    const point = { at, value: roundWeight(valueAt(curve, at)) };
    return { ...curve, keys: curve.keys.toSpliced(widest + 1, 0, point) };
}

/** The curve without a point; the last one stays. */
export function withoutPoint(curve: Curve, index: number): Curve {
    const keys = curve.keys.filter((_, k) => k !== index);
    if (keys.length === 0) return curve;
    return keys.length === 1 ? constant(keys[0]!.value) : { ...curve, keys };
}

export function withEasing(curve: Curve, easing: Easing): Curve {
    return { ...curve, easing };
}

/** As a few characters: `0.4`, `0.4 → 0`. */
export function curveFigures({ keys }: Curve): string {
    const figures = keys.map(({ value }) => String(roundWeight(value)));
    return figures.length > 3 ? `${figures[0]} → … → ${figures.at(-1)}` : figures.join(' → ');
}
