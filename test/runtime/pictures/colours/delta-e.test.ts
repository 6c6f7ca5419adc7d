import { expect, it } from 'vitest';
import { deltaE2000, type Lab, labOf } from '../../../../src/runtime/pictures/colours/delta-e.ts';

// Sharma, Wu, Dalal 2005, table 1: pairs 1, 4, 7, 10, 13, 17, 25, 34
const PAIRS: readonly (readonly [Lab, Lab, number])[] = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
    [[50, -0.001, 2.49], [50, 0.0009, -2.49], 4.8045],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
];

it.each(PAIRS)('%j and %j', (a, b, expected) => {
    expect(deltaE2000(a, b)).toBeCloseTo(expected, 3);
    expect(deltaE2000(b, a)).toBeCloseTo(expected, 3);
});

it('white, black and red in L*a*b*', () => {
    expect(labOf(255, 255, 255)[0]).toBeCloseTo(100, 2);
    expect(labOf(0, 0, 0)).toEqual([0, 0, 0]);
    const [l, a, b] = labOf(255, 0, 0);
    expect([l, a, b].map(Math.round)).toEqual([53, 80, 67]);
});
