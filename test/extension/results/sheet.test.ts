/** How sheets and grids are laid out: which cell is where, and how much of it is drawn. */
import { expect, it } from 'vitest';
import { gridSize, rowsInSight } from '../../../src/extension/results/page/grid/grid-size.ts';
import { isTable, sheetLines, sheetSize } from '../../../src/extension/results/page/grid/sheet-layout.ts';
import { aRun } from './a-run.ts';

const axis = (name: string, count: number) => ({ name, values: Array.from({ length: count }, (_, k) => `${k + 1}`) });
const product = (seeds: number, guidances: number) =>
    Array.from({ length: seeds * guidances }, (_, k) => ({
        seed: `${Math.floor(k / guidances) + 1}`,
        guidance: `${(k % guidances) + 1}`,
    }));

it('the named axis is along the columns, the others down the rows', () => {
    const axes = [axis('seed', 2), axis('guidance', 3)];
    const { column, lines } = sheetLines({ axes, labels: product(2, 3) }, undefined);
    expect(column?.name).toBe('guidance');
    expect(lines.map(({ cells }) => cells)).toEqual([
        [[0], [1], [2]],
        [[3], [4], [5]],
    ]);
    expect(lines[1]?.labels).toEqual([['seed', '2']]);
    const turned = sheetLines({ axes, labels: product(2, 3) }, 'seed');
    expect(turned.lines.map(({ cells }) => cells)).toEqual([
        [[0], [3]],
        [[1], [4]],
        [[2], [5]],
    ]);
    expect(isTable(aRun('/a', { axes, labels: product(2, 3) }))).toBe(true);
    expect(isTable(aRun('/a', { axes: axes.slice(0, 1), labels: [{ seed: '1' }, { seed: '2' }] }))).toBe(false);
});

it('columns that are too many for the room begin again below, and the height of all is known', () => {
    const lines = sheetLines({ axes: [axis('seed', 2), axis('guidance', 20)], labels: product(2, 20) }, undefined);
    const narrow = sheetSize(lines, 1, { width: 300, height: 600 });
    expect(narrow.bands.length).toBeGreaterThan(1);
    expect(narrow.bands.flat()).toEqual(Array.from({ length: 20 }, (_, k) => k));
    expect(narrow.tall).toBeGreaterThanOrEqual(narrow.bands.length * 2 * narrow.high);
    const wide = sheetSize(lines, 1, { width: 2000, height: 600 });
    expect(wide.bands).toHaveLength(1);
    expect(sheetSize(lines, 2, { width: 2000, height: 600 }).high).toBe(Math.round(wide.wide / 2));
});

it('of a grid of hundreds only the rows in sight are drawn', () => {
    const room = { width: 600, height: 600 };
    const size = gridSize(room, { cells: 400, size: { width: 1, height: 1 } });
    expect(size.columns * size.rows).toBeGreaterThanOrEqual(400);
    const [first, end] = rowsInSight(size, 10 * size.pitch, room.height);
    expect(first).toBe(8);
    expect(end - first).toBeLessThanOrEqual(Math.ceil(room.height / size.pitch) + 5);
    expect(rowsInSight(size, 0, room.height)[0]).toBe(0);
});
