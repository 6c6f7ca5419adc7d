/** A run as the results page shows it. */
import type { Shown } from '../../../src/extension/results/shown-run.ts';

export function aRun(key: string, part: Partial<Shown> = {}): Shown {
    return {
        key,
        name: 'first',
        spec: 'first.sdspec',
        kind: 'picture',
        state: 'complete',
        makers: [],
        mark: { star: false, note: '' },
        hasSheet: false,
        cells: 3,
        size: { width: 64, height: 64 },
        pictures: [0, 1, 2].map((cell) => ({
            cell,
            seed: cell,
            src: `${cell}.png`,
            file: `file:///${cell}.png`,
            width: 64,
            height: 64,
            trace: [],
        })),
        axes: [],
        labels: [],
        details: { facts: [], text: '', timings: [], weights: [], notices: [], expectations: [], tables: [] },
        others: [],
        ...part,
    };
}
