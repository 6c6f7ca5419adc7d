/** A layer scan as the results page shows it: the axis of the layers, and what was measured of each. */
import type { Work } from '../../plan/run.ts';
import { siteOf } from '../../plan/sites.ts';
import type { RunRecord } from '../../runtime/run/record.ts';
import type { ShownScan } from './shown-run.ts';

/** Undefined for work that is no layer scan. */
export function scanOf(work: Work | undefined, record: RunRecord | undefined): ShownScan | undefined {
    if (work?.kind !== 'sweep' || !work.baseline) return undefined;
    const { axis } = work.baseline;
    const layers = work.axes.find(({ name }) => name === axis)?.values ?? [];
    if (!layers.some((label) => siteOf(label))) return undefined;
    const { names = [], cells = [] } = record?.measures ?? {};
    const more = new Map(cells.map(({ cell, values }) => [cell, values]));
    const entries = (record?.scan ?? []).map(({ cell, label, moved, ssim, towards }) => ({
        cell,
        label,
        moved,
        ssim,
        ...(towards === undefined ? {} : { towards }),
        more: more.get(cell) ?? [],
    }));
    return { axis, names, entries };
}
