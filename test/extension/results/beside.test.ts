/** In how many columns pictures are beside each other. */
import { expect, it } from 'vitest';
import { columnsFor } from '../../../src/extension/results/page/picture/columns.ts';

const square = { aspect: 1, below: 24 };

it.each([
    [4, { width: 268, height: 470 }, 2],
    [4, { width: 980, height: 300 }, 4],
    [4, { width: 460, height: 400 }, 2],
    [3, { width: 268, height: 900 }, 1],
    [2, { width: 980, height: 500 }, 2],
    [2, { width: 268, height: 700 }, 1],
    // Both three and two columns make them as large: two leave no place empty.
    [4, { width: 980, height: 580 }, 2],
    [1, { width: 268, height: 700 }, 1],
])('makes %i pictures in %o largest in %i columns', (count, room, columns) => {
    expect(columnsFor(count, room, square)).toBe(columns);
});

it('takes more columns of pictures that are higher than wide', () => {
    const room = { width: 600, height: 600 };
    expect(columnsFor(4, room, { aspect: 0.4, below: 24 })).toBeGreaterThan(columnsFor(4, room, square));
    expect(columnsFor(4, room, { aspect: 4, below: 24 })).toBe(1);
});

it('has a column where there is no room yet, and no picture', () => {
    expect(columnsFor(3, { width: 0, height: 0 }, square)).toBeGreaterThanOrEqual(1);
    expect(columnsFor(0, { width: 300, height: 300 }, square)).toBe(1);
});
