/** Shares of a run: every picture once, in stretches of equal cost, the same for everyone who computes them. */
import { expect, it } from 'vitest';
import { cellsOf } from '../../../src/plan/cells.ts';
import { chunksOf, inOrderOfShare, sharesOf } from '../../../src/plan/passes/shares.ts';
import { PLAN, sweepOf } from '../../runtime/run/fake-workshop.ts';

const seeds = Array.from({ length: 10 }, (_, k) => k + 1);
const chunks = chunksOf(cellsOf(sweepOf(seeds, [1, 5, 9])));

it('chunks hold every picture once, at most four that differ by their seed alone', () => {
    expect(chunks.map(({ cells }) => cells.length)).toEqual([4, 4, 4, 4, 4, 4, 2, 2, 2]);
    expect(chunks.flatMap(({ cells }) => cells.map(({ index }) => index)).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 30 }, (_, k) => k),
    );
    for (const { id, cells } of chunks) {
        expect(id).toBe(cells[0]!.index);
        expect(new Set(cells.map(({ labels }) => labels?.['guidance'])).size).toBe(1);
    }
});

it.each([1, 2, 3, 4, 16])('%i shares are stretches of the plan that hold it whole', (of) => {
    const shares = sharesOf(chunks, of);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(Math.max(...shares)).toBeLessThan(of);
    for (let part = 1; part <= of; part++) {
        const order = inOrderOfShare(chunks, { part, of });
        expect(new Set(order)).toEqual(new Set(chunks));
        const own = chunks.filter((_, k) => shares[k] === part - 1);
        expect(order.slice(0, own.length)).toEqual(own);
    }
});

it('a share of dear pictures holds fewer of them', () => {
    const dear = { ...PLAN, size: { width: 64, height: 64 } };
    const cells = [...cellsOf({ ...dear, seeds: [1] }), ...cellsOf({ ...PLAN, seeds: [1, 2, 3, 4] })];
    const own = chunksOf(cells.map((cell, index) => ({ ...cell, index })));
    expect(sharesOf(own, 2)).toEqual([0, 1]);
    expect(sharesOf(chunks, 3).filter((share) => share === 0)).toHaveLength(3);
});

it('windows cost what goes through the U-Net: each of them its own pixels', () => {
    const size = { width: 64, height: 64 };
    const windows = { side: 32, overlap: 0 };
    const cells = [PLAN, { ...PLAN, windows }].flatMap((plan) => cellsOf({ ...plan, size, seeds: [1, 2, 3, 4] }));
    const own = chunksOf(cells.map((cell, index) => ({ ...cell, index })));
    expect(sharesOf(own, 2)).toEqual([0, 1]);
    expect(sharesOf(own, 4)).toEqual([1, 3]);
});
