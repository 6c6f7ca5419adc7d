/** The results page: what is shown, how it is looked at, and what can be done with it. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { HostAction, PageAction } from '../messages.ts';
import type { CellDetails, Shown, ShownAdjustable, ShownPicture } from '../shown-run.ts';
import { Adjust } from './adjust/adjust.tsx';
import type { ComparedSettings } from './compare/compare.tsx';
import { Details } from './details.tsx';
import { Header } from './header.tsx';
import type { Pair } from './inbox.ts';
import { looked, visibleCell } from './look.ts';
import { host, isPinned, keep, pin, viewOf } from './memory.ts';
import { isOwn } from './picture/former.ts';
import type { Previews } from './picture/previews.ts';
import { useShortcuts } from './shortcuts.ts';
import { PictureStage } from './stage.tsx';
import { Toolbar } from './toolbar.tsx';
import { FIT, type View } from './view.ts';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly others: ReadonlyMap<string, Shown>;
    readonly trusted: boolean;
    /** Commands from the host that are not executed yet; a new list for every one. */
    readonly actions: readonly PageAction[];
    /** A comparison that the host asks for; a new object for every one. */
    readonly pair: Pair | undefined;
    /** What was asked for of one picture of several. */
    readonly details: CellDetails | undefined;
    readonly differences: ComparedSettings | undefined;
    readonly adjustable: ShownAdjustable | undefined;
}

export function App({ shown, previews, others, trusted, actions, pair, details, differences, adjustable }: Props) {
    const [pinned, setPinned] = useState(isPinned);
    const first = shown.scan ? 'layers' : 'grid';
    const { view, alter, change } = useView(shown, first);
    const cell = visibleCell(view, shown);
    const picture = shown.pictures.find((one) => one.cell === cell);
    const own = picture && isOwn(picture) ? picture : undefined;
    const perform = (action: PageAction) => {
        if (action === 'copyPicture') void copyPicture(own);
        else alter((old) => looked(old, action, shown));
    };
    const act = (action: HostAction) => host.postMessage({ kind: 'act', action, key: shown.key, cell });

    useRequests(shown, others, view, cell);
    useEffect(() => {
        for (const action of actions) perform(action);
    }, [actions]);
    useEffect(() => {
        if (pair) change({ mode: 'compare', cell: pair.a, other: { key: pair.other, cell: pair.b }, zoom: FIT });
    }, [pair]);
    useShortcuts(first, perform);
    return (
        <div class={view.details || adjustable ? 'app with-side' : 'app'} data-mode={view.mode} data-key={shown.key}>
            <Header shown={shown} trusted={trusted} act={act} />
            <Toolbar
                shown={shown}
                view={view}
                picture={picture}
                trusted={trusted}
                pinned={pinned}
                adjusts={adjustable !== undefined}
                onAdjust={(to) => host.postMessage({ kind: 'adjust', key: shown.key, open: to })}
                onPin={(to) => {
                    setPinned(to);
                    pin(to);
                }}
                act={act}
                perform={perform}
            />
            <PictureStage
                shown={shown}
                previews={previews}
                others={others}
                differences={differences}
                view={view}
                onView={change}
                cell={cell}
                picture={picture}
            />
            {(view.details || adjustable) && (
                <div class="side">
                    {adjustable && <Adjust adjustable={adjustable} />}
                    {view.details && (
                        <Details shown={shown} picture={own} own={details?.cell === cell ? details : undefined} />
                    )}
                </div>
            )}
        </div>
    );
}

/** How the runnable is looked at, which is kept. A change begins from the view as it is then, so that several add up. */
function useView(shown: Shown, first: View['mode']) {
    const runnable = shown.spec ? `${shown.spec}#${shown.name}` : shown.name;
    const [views, setViews] = useState<Readonly<Record<string, View>>>({});
    const view = views[runnable] ?? viewOf(runnable, first);
    const alter = (how: (view: View) => View) =>
        setViews((old) => ({ ...old, [runnable]: how(old[runnable] ?? viewOf(runnable, first)) }));
    const change = (part: Partial<View>) => alter((old) => ({ ...old, ...part }));
    useLayoutEffect(() => keep(runnable, shown.key, view), [runnable, shown.key, view]);
    return { view, alter, change };
}

/** Reports to the host what is in sight, and asks it for what that needs. */
function useRequests(shown: Shown, others: ReadonlyMap<string, Shown>, view: View, cell: number): void {
    useEffect(() => host.postMessage({ kind: 'viewing', key: shown.key, cell }), [shown.key, cell]);
    useEffect(() => {
        if (view.mode !== 'compare') return;
        for (const key of new Set([view.other?.key, ...(view.more ?? []).map((one) => one.key)])) {
            if (key && key !== shown.key && !others.has(key)) host.postMessage({ kind: 'other', key });
        }
    }, [view.mode, view.other?.key, view.more, others]);
    useEffect(() => {
        if (view.details && shown.cells > 1) host.postMessage({ kind: 'cell', key: shown.key, cell });
    }, [view.details, shown.key, shown.cells, cell]);
}

/** Puts a picture onto the clipboard; where that can't be, the host says so. */
async function copyPicture(picture: ShownPicture | undefined): Promise<void> {
    if (!picture) return;
    try {
        const blob = await (await fetch(picture.src)).blob();
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
        host.postMessage({ kind: 'copied' });
    } catch (error) {
        host.postMessage({ kind: 'copied', failure: error instanceof Error ? error.message : String(error) });
    }
}
