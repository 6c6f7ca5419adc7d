/** The results page: what is shown, how it is looked at, and what can be done with it. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../../plan/problem.ts';
import type { HostAction, PageAction } from '../messages.ts';
import type { CellDetails, ComparableRun, PictureName, Shown, ShownAdjustable, ShownPicture } from '../shown-run.ts';
import { Adjust } from './adjust/adjust.tsx';
import { Compare, type ComparedSettings } from './compare.tsx';
import { isBig } from './deep/big.ts';
import { Deep } from './deep/deep.tsx';
import { Details } from './details.tsx';
import { Grid } from './grid.tsx';
import { Header } from './header.tsx';
import type { Pair, Previews } from './inbox.ts';
import { ScanView } from './layers/scan-view.tsx';
import { firstOther, looked, visibleCell } from './look.ts';
import { Painter } from './mask/painter.tsx';
import { host, isPinned, keep, pin, viewOf } from './memory.ts';
import { isTable, Sheet } from './sheet.tsx';
import { Toolbar } from './toolbar.tsx';
import { FIT, mostOf, type View } from './view.ts';
import { EndlessZoom, Stages } from './way/parts.tsx';
import { Steps } from './way/steps.tsx';
import { altOf, captionOf, zoomWords } from './words.ts';
import { ZoomArea, Zoomed } from './zoom.tsx';

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
    const runnable = shown.spec ? `${shown.spec}#${shown.name}` : shown.name;
    const stage = useRef<HTMLElement>(null);
    const [views, setViews] = useState<Readonly<Record<string, View>>>({});
    const [pinned, setPinned] = useState(isPinned);
    const first = shown.scan ? 'layers' : 'grid';
    const view = views[runnable] ?? viewOf(runnable, first);
    const alter = (how: (view: View) => View) =>
        setViews((old) => ({ ...old, [runnable]: how(old[runnable] ?? viewOf(runnable, first)) }));
    const change = (part: Partial<View>) => alter((old) => ({ ...old, ...part }));
    const perform = (action: PageAction) => {
        if (action === 'copyPicture') void copyPicture(shown.pictures.find((one) => one.cell === cell));
        else alter((old) => looked(old, action, shown));
    };
    const cell = visibleCell(view, shown);
    const picture = shown.pictures.find((one) => one.cell === cell);
    const other = sideOf(shown, others, view, cell);

    useLayoutEffect(() => keep(runnable, shown.key, view), [runnable, shown.key, view]);
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
    useLayoutEffect(() => {
        // The focused element is gone with its view. Move the focus at once; otherwise the next key press has no target.
        const lost = document.hasFocus() && document.activeElement === document.body;
        const next = stage.current?.querySelector<HTMLElement>('[tabindex="0"], button, input');
        if (lost) (next ?? stage.current)?.focus();
    }, [view.mode]);
    useEffect(() => {
        for (const action of actions) perform(action);
    }, [actions]);
    useEffect(() => {
        if (pair) change({ mode: 'compare', cell: pair.a, other: { key: pair.other, cell: pair.b }, zoom: FIT });
    }, [pair]);

    const act = (action: HostAction) => host.postMessage({ kind: 'act', action, key: shown.key, cell });
    const open = (to: number) => change({ cell: to, mode: 'large', zoom: FIT });
    const keys: Readonly<Record<string, () => void>> = {
        Escape: () => perform(first),
        l: () => perform('layers'),
        c: () => perform('compare'),
        d: () => perform('details'),
        s: () => perform('steps'),
        '.': () => perform('nextPicture'),
        ',': () => perform('previousPicture'),
    };
    useShortcuts(keys);
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
            <main
                ref={stage}
                class="stage"
                tabIndex={-1}
                // The menu of the editor is for the picture under the pointer.
                onContextMenu={(event) => {
                    const under = (event.target as Element).closest('[data-cell]')?.getAttribute('data-cell');
                    if (under) change({ cell: Number(under) });
                }}
                // What a picture is dropped on, such as the text of a spec, receives its file.
                onDragStart={(event) => {
                    const under = (event.target as Element).closest('[data-cell]')?.getAttribute('data-cell');
                    const dragged = shown.pictures.find((one) => under && one.cell === Number(under));
                    if (!dragged || !event.dataTransfer) return;
                    event.dataTransfer.effectAllowed = 'copy';
                    event.dataTransfer.setData('text/uri-list', dragged.file);
                }}
            >
                {body()}
            </main>
            {(view.details || adjustable) && (
                <div class="side">
                    {adjustable && <Adjust adjustable={adjustable} />}
                    {view.details && (
                        <Details shown={shown} picture={picture} own={details?.cell === cell ? details : undefined} />
                    )}
                </div>
            )}
        </div>
    );

    function body() {
        const tiles = { shown, previews, cell, onSelect: (to: number) => change({ cell: to }), onOpen: open };
        if (view.mode === 'layers' && shown.scan) {
            return <ScanView {...tiles} scan={shown.scan} view={view} onView={change} />;
        }
        const isGrid = view.mode === 'grid' || view.mode === 'layers';
        if (isGrid && isTable(shown)) return <Sheet {...tiles} />;
        if (isGrid || !picture) {
            return <Grid {...tiles} scroll={view.scroll} onScroll={(scroll) => change({ scroll })} />;
        }
        switch (view.mode) {
            case 'large':
                return <Large shown={shown} picture={picture} view={view} change={change} />;
            case 'compare':
                return (
                    <Compare
                        a={{ shown, picture }}
                        b={other}
                        more={(view.more ?? []).flatMap((name) => sideNamed(name, shown, others) ?? [])}
                        runs={runsOf(shown, others)}
                        differences={differences}
                        view={view}
                        onView={change}
                    />
                );
            case 'mask':
                return <Painter shown={shown} picture={picture} view={view} onView={change} />;
            case 'steps':
                return <Way shown={shown} picture={picture} view={view} change={change} />;
        }
    }
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

/** How the picture came about. */
function Way({ shown, picture, view, change }: LargeProps) {
    const { parts } = shown;
    switch (parts?.kind) {
        case undefined:
            return <Steps shown={shown} picture={picture} view={view} onView={change} />;
        case 'mosaic':
            return <EndlessZoom shown={shown} parts={parts} />;
        case 'print':
            return <Stages shown={shown} parts={parts} />;
        default:
            return assertNever(parts);
    }
}

interface LargeProps {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly view: View;
    readonly change: (part: Partial<View>) => void;
}

function Large({ shown, picture, view, change }: LargeProps) {
    const pyramid = shown.parts?.kind === 'mosaic' ? shown.parts.pyramid : undefined;
    const size = pyramid ?? picture;
    return (
        <div class="large">
            <ZoomArea
                zoom={view.zoom}
                label={altOf(shown, picture)}
                most={mostOf(size)}
                onZoom={(zoom) => change({ zoom })}
            >
                {pyramid || isBig(picture) ? (
                    <Deep picture={picture} pyramid={pyramid} zoom={view.zoom} label={altOf(shown, picture)} />
                ) : (
                    <Zoomed zoom={view.zoom}>
                        <img class="picture" src={picture.src} alt={altOf(shown, picture)} draggable={false} />
                    </Zoomed>
                )}
            </ZoomArea>
            <p class="quiet verdict">
                {captionOf(picture)} · {size.width}×{size.height} · {zoomWords(view.zoom)}
            </p>
        </div>
    );
}

/** Keys that work wherever the focus is on the page, unless something else there has taken them. */
function useShortcuts(keys: Readonly<Record<string, () => void>>) {
    const now = useRef(keys);
    now.current = keys;
    useEffect(() => {
        const press = (event: KeyboardEvent) => {
            const typing = (event.target as HTMLElement).matches('select, input[type=text], input[type=number]');
            const handle = now.current[event.key];
            if (!handle || typing || event.ctrlKey || event.altKey || event.metaKey) return;
            event.preventDefault();
            handle();
        };
        document.addEventListener('keydown', press);
        return () => document.removeEventListener('keydown', press);
    }, []);
}

/** The other picture of a comparison, once it is known. */
function sideOf(shown: Shown, others: ReadonlyMap<string, Shown>, view: View, cell: number) {
    const wanted = view.other ?? firstOther(shown, cell);
    if (!wanted) return undefined;
    const side = sideNamed(wanted, shown, others);
    return side?.shown === shown && side.picture.cell === cell ? undefined : side;
}

/** A picture by its name; where its run has fewer pictures, the first one. */
function sideNamed({ key, cell }: PictureName, shown: Shown, others: ReadonlyMap<string, Shown>) {
    const run = key === shown.key ? shown : others.get(key);
    const picture = run?.pictures.find((one) => one.cell === cell) ?? run?.pictures[0];
    return run && picture ? { shown: run, picture } : undefined;
}

function runsOf(shown: Shown, others: ReadonlyMap<string, Shown>): readonly ComparableRun[] {
    const more = [...others.values()].filter(
        ({ key }) => key !== shown.key && !shown.others.some((o) => o.key === key),
    );
    const own = { key: shown.key, label: 'this run', group: 'earlier' } as const;
    return [
        ...shown.others.filter(({ group }) => group === 'base'),
        own,
        ...shown.others.filter(({ group }) => group !== 'base'),
        ...more.map(({ key, name, started }) => ({
            key,
            label: `${name}${started ? `, ${new Date(started).toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' })}` : ''}`,
            group: 'other' as const,
        })),
    ];
}
