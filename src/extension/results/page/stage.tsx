/** The pictures themselves, in the way of looking that was chosen. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { assertNever } from '../../../plan/problem.ts';
import type { Shown, ShownPicture } from '../shown-run.ts';
import { Compare, type ComparedSettings } from './compare/compare.tsx';
import { comparableRuns, sideNamed, sideOf } from './compare/sides.ts';
import { Large } from './deep/large.tsx';
import { Grid } from './grid/grid.tsx';
import { Sheet } from './grid/sheet.tsx';
import { isTable } from './grid/sheet-layout.ts';
import { ScanView } from './layers/scan-view.tsx';
import { Painter } from './mask/painter.tsx';
import type { Previews } from './picture/previews.ts';
import { FIT, type View } from './view.ts';
import { Way } from './way/way.tsx';

interface Props {
    readonly shown: Shown;
    readonly previews: Previews;
    readonly others: ReadonlyMap<string, Shown>;
    readonly differences: ComparedSettings | undefined;
    readonly view: View;
    readonly onView: (part: Partial<View>) => void;
    /** The cell in sight, and its picture. */
    readonly cell: number;
    readonly picture: ShownPicture | undefined;
}

export function PictureStage(props: Props) {
    const { shown, view, onView } = props;
    const stage = useRef<HTMLElement>(null);
    useLayoutEffect(() => {
        // The focused element is gone with its view. Move the focus at once; otherwise the next key press has no target.
        const lost = document.hasFocus() && document.activeElement === document.body;
        const next = stage.current?.querySelector<HTMLElement>('[tabindex="0"], button, input');
        if (lost) (next ?? stage.current)?.focus();
    }, [view.mode]);
    return (
        <main
            ref={stage}
            class="stage"
            tabIndex={-1}
            // The menu of the editor is for the picture under the pointer.
            onContextMenu={(event) => {
                const under = cellUnder(event);
                if (under !== undefined) onView({ cell: under });
            }}
            // What a picture is dropped on, such as the text of a spec, receives its file.
            onDragStart={(event) => {
                const under = cellUnder(event);
                const dragged = shown.pictures.find((one) => one.cell === under);
                if (!dragged || !event.dataTransfer) return;
                event.dataTransfer.effectAllowed = 'copy';
                event.dataTransfer.setData('text/uri-list', dragged.file);
            }}
        >
            <Looked {...props} />
        </main>
    );
}

/** What is shown in a way of looking; where a picture is needed and none is there yet, all of them. */
function Looked({ shown, previews, others, differences, view, onView, cell, picture }: Props) {
    const tiles = {
        shown,
        previews,
        cell,
        onSelect: (to: number) => onView({ cell: to }),
        onOpen: (to: number) => onView({ cell: to, mode: 'large', zoom: FIT }),
    };
    if (view.mode === 'layers' && shown.scan) {
        return <ScanView {...tiles} scan={shown.scan} view={view} onView={onView} />;
    }
    const isGrid = view.mode === 'grid' || view.mode === 'layers';
    if (isGrid && isTable(shown)) return <Sheet {...tiles} />;
    if (isGrid || !picture) {
        return <Grid {...tiles} scroll={view.scroll} onScroll={(scroll) => onView({ scroll })} />;
    }
    const one = { shown, picture, view, onView };
    switch (view.mode) {
        case 'large':
            return <Large {...one} previews={previews} />;
        case 'compare':
            return (
                <Compare
                    a={{ shown, picture }}
                    b={sideOf(shown, others, view, cell)}
                    more={(view.more ?? []).flatMap((name) => sideNamed(name, shown, others) ?? [])}
                    runs={comparableRuns(shown, others)}
                    differences={differences}
                    view={view}
                    onView={onView}
                />
            );
        case 'mask':
            return <Painter {...one} />;
        case 'steps':
            return <Way {...one} />;
        default:
            return assertNever(view.mode);
    }
}

function cellUnder({ target }: Event): number | undefined {
    const cell = (target as Element).closest('[data-cell]')?.getAttribute('data-cell');
    return cell ? Number(cell) : undefined;
}
