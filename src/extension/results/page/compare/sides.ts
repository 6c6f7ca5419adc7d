/** Which pictures are compared: by their names, among the runs that the page knows. */
import type { ComparableRun, PictureName, Shown } from '../../shown-run.ts';
import { firstOther } from '../look.ts';
import type { View } from '../view.ts';
import type { Side } from './several.tsx';

type Runs = ReadonlyMap<string, Shown>;

/** The other picture of a comparison, once it is known. */
export function sideOf(shown: Shown, others: Runs, view: View, cell: number): Side | undefined {
    const side = sideNamed(view.other ?? firstOther(shown, cell), shown, others);
    return side?.shown === shown && side.picture.cell === cell ? undefined : side;
}

/** A picture by its name; where its run has fewer pictures, the first one. */
export function sideNamed({ key, cell }: PictureName, shown: Shown, others: Runs): Side | undefined {
    const run = key === shown.key ? shown : others.get(key);
    const picture = run?.pictures.find((one) => one.cell === cell) ?? run?.pictures[0];
    return run && picture ? { shown: run, picture } : undefined;
}

/** All runs that can be on the other side: the base first, then this one. */
export function comparableRuns(shown: Shown, others: Runs): readonly ComparableRun[] {
    const more = [...others.values()].filter(
        ({ key }) => key !== shown.key && !shown.others.some((one) => one.key === key),
    );
    const own = { key: shown.key, label: 'this run', group: 'earlier' } as const;
    return [
        ...shown.others.filter(({ group }) => group === 'base'),
        own,
        ...shown.others.filter(({ group }) => group !== 'base'),
        ...more.map((run) => ({ key: run.key, label: labelOf(run), group: 'other' as const })),
    ];
}

function labelOf({ name, started }: Shown): string {
    if (!started) return name;
    return `${name}, ${new Date(started).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' })}`;
}
