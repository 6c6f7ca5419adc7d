/** Weights as a hand changes them on the drawing, and what the host takes of a page's adjustments. */
import { expect, it } from 'vitest';
import {
    curveFigures,
    dragged,
    keyStep,
    withMorePoints,
    withoutPoint,
    withPeak,
    withPoint,
    withWeight,
} from '../../../src/extension/results/page/adjust/weights.ts';
import { parseToHost, parseToPage } from '../../../src/extension/results/parse-messages.ts';
import { type Curve, constant } from '../../../src/plan/curve.ts';

const fall: Curve = {
    keys: [
        { at: 0, value: 0.4 },
        { at: 1, value: 0.1 },
    ],
    easing: 'cosine',
};

it('a drag and the keys go by weights that people write', () => {
    expect(dragged(0.4, 33)).toBe(0.57);
    expect(dragged(0.1, -20)).toBe(0);
    expect(keyStep('ArrowUp', false)).toBe(0.05);
    expect(keyStep('PageDown', true)).toBe(-0.05);
    expect(keyStep('a', false)).toBeUndefined();
});

it('a drag of a curve keeps its shape', () => {
    expect(withPeak(fall, 0.8).keys.map(({ value }) => value)).toEqual([0.8, 0.2]);
    expect(withPeak(constant(0.3), 0.5)).toEqual(constant(0.5));
    expect(withPeak(constant(0), 0.5)).toEqual(constant(0.5));
});

it('points stay between their neighbours', () => {
    const three = withMorePoints(fall);
    expect(three.keys).toEqual([
        { at: 0, value: 0.4 },
        { at: 0.5, value: 0.25 },
        { at: 1, value: 0.1 },
    ]);
    expect(withPoint(three, 1, { at: 2, value: 0.333 }).keys[1]).toEqual({ at: 0.99, value: 0.33 });
    expect(withPoint(three, 0, { at: -1 }).keys[0]?.at).toBe(0);
    expect(withoutPoint(three, 1)).toEqual(fall);
    expect(withoutPoint(fall, 0)).toEqual(constant(0.1));
    expect(withMorePoints(constant(0.4)).keys.map(({ value }) => value)).toEqual([0.4, 0]);
    expect(curveFigures(fall)).toBe('0.4 → 0.1');
});

it('layers keep their places, new ones come last', () => {
    const sites = [
        { site: 'mid', weight: constant(1) },
        { site: 'up.0', weight: constant(2) },
    ] as const;
    expect(withWeight(sites, 'mid', constant(3)).map(({ site }) => site)).toEqual(['mid', 'up.0']);
    expect(withWeight(sites, 'down.0', constant(3)).map(({ site }) => site)).toEqual(['mid', 'up.0', 'down.0']);
    expect(withWeight(sites, 'mid', undefined).map(({ site }) => site)).toEqual(['up.0']);
});

it('the host takes adjustments of layers that exist and numbers that are numbers', () => {
    const told = (adjustment: object) => parseToHost({ kind: 'adjusted', adjustment, begins: true, ends: true });
    const layer = { kind: 'layer', infusion: 0, site: 'mid', weight: constant(0.4) };
    expect(told(layer)).toEqual({ kind: 'adjusted', adjustment: layer, begins: true, ends: true });
    expect(told({ kind: 'number', id: 'steps', value: 3 })).toBeDefined();
    for (const wrong of [
        { ...layer, site: 'down.9' },
        { ...layer, infusion: -1 },
        { ...layer, weight: { keys: [], easing: 'linear' } },
        { ...layer, weight: { keys: [{ at: 0, value: Number.NaN }], easing: 'linear' } },
        { ...layer, weight: { ...constant(1), easing: '} seed 3' } },
        { kind: 'number', id: 'steps', value: Number.POSITIVE_INFINITY },
    ]) {
        expect(told(wrong)).toBeUndefined();
    }
    expect(parseToHost({ kind: 'adjusting', action: 'delete' })).toBeUndefined();
    expect(parseToPage({ kind: 'adjustable', adjustable: { name: 'a' } })).toBeUndefined();
    expect(parseToPage({ kind: 'adjustable' })).toEqual({ kind: 'adjustable' });
});
