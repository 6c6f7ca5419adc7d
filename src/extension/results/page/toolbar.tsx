/** The buttons above the pictures: ways of looking, and what can be done with the chosen picture. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { assertNever } from '../../../plan/problem.ts';
import type { HostAction, PageAction } from '../messages.ts';
import type { Shown, ShownPicture } from '../shown-run.ts';
import { actionsOf, type MenuPageAction, type Offer } from './offers.ts';
import { isOwn } from './picture/former.ts';
import type { View } from './view.ts';

interface Props {
    readonly shown: Shown;
    readonly view: View;
    readonly picture: ShownPicture | undefined;
    readonly trusted: boolean;
    readonly pinned: boolean;
    /** Whether the text is adjusted beside the pictures. */
    readonly adjusts: boolean;
    readonly onAdjust: (open: boolean) => void;
    readonly onPin: (pinned: boolean) => void;
    readonly act: (action: HostAction) => void;
    readonly perform: (action: PageAction) => void;
}

export function Toolbar({ shown, view, picture, trusted, pinned, adjusts, onAdjust, onPin, act, perform }: Props) {
    const modes: readonly (readonly [View['mode'], PageAction, string])[] = [
        ...(shown.scan ? [['layers', 'layers', 'Layers'] as const] : []),
        ['grid', 'grid', shown.axes.length > 0 ? 'Sheet' : 'All'],
        ['large', 'large', 'Large'],
        ['compare', 'compare', 'Compare'],
        ['steps', 'steps', wayTitle(shown.kind)],
    ];
    return (
        <div class="bar" role="toolbar" aria-label="Ways of looking">
            {modes.map(([mode, action, title]) => (
                <button
                    type="button"
                    key={mode}
                    aria-pressed={view.mode === mode}
                    disabled={mode !== 'grid' && mode !== 'layers' && !picture}
                    onClick={() => perform(action)}
                >
                    {title}
                </button>
            ))}
            <span class="tools">
                {shown.cells > 1 && view.mode !== 'grid' && view.mode !== 'layers' && (
                    <>
                        <button type="button" aria-label="Previous picture" onClick={() => perform('previousPicture')}>
                            ‹
                        </button>
                        <button type="button" aria-label="Next picture" onClick={() => perform('nextPicture')}>
                            ›
                        </button>
                    </>
                )}
                {(shown.kind === 'picture' || shown.kind === 'sweep') && shown.spec && (
                    <button
                        type="button"
                        aria-pressed={adjusts}
                        title="Layers and numbers of the text, by hand"
                        onClick={() => onAdjust(!adjusts)}
                    >
                        Adjust
                    </button>
                )}
                <button type="button" aria-pressed={view.details} onClick={() => perform('details')}>
                    Details
                </button>
                <button
                    type="button"
                    aria-pressed={pinned}
                    title="Keep this run in view when others run"
                    onClick={() => onPin(!pinned)}
                >
                    Pin
                </button>
                <Menu
                    actions={actionsOf(trusted, shown)}
                    disabled={!picture || !isOwn(picture)}
                    act={(action) => (action === 'mask' || action === 'copyPicture' ? perform(action) : act(action))}
                />
            </span>
        </div>
    );
}

/** What shows how a picture came about: the same place for every kind of work. */
function wayTitle(kind: Shown['kind']): string {
    switch (kind) {
        case 'picture':
        case 'sweep':
        case 'learn':
            return 'Steps';
        case 'mosaic':
            return 'Zoom';
        case 'print':
            return 'Stages';
        default:
            return assertNever(kind);
    }
}

interface MenuProps {
    readonly actions: readonly Offer<HostAction | MenuPageAction>[];
    readonly disabled: boolean;
    readonly act: (action: HostAction | MenuPageAction) => void;
}

function Menu({ actions, disabled, act }: MenuProps) {
    const [open, setOpen] = useState(false);
    const list = useRef<HTMLDivElement>(null);
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        if (!open) return;
        list.current?.querySelector('button')?.focus();
        const close = (event: PointerEvent) => list.current?.contains(event.target as Node) || setOpen(false);
        window.addEventListener('pointerdown', close, true);
        return () => window.removeEventListener('pointerdown', close, true);
    }, [open]);
    const items = () => [...(list.current?.querySelectorAll('button') ?? [])];
    const move = (by: number) => {
        const all = items();
        const at = all.indexOf(document.activeElement as HTMLButtonElement);
        all[(at + by + all.length) % all.length]?.focus();
    };
    const leave = () => {
        setOpen(false);
        button.current?.focus();
    };
    const keys: Readonly<Record<string, () => void>> = {
        ArrowDown: () => move(1),
        ArrowUp: () => move(-1),
        Home: () => items()[0]?.focus(),
        End: () => items().at(-1)?.focus(),
        Escape: leave,
        Tab: leave,
    };
    return (
        <span class="menu">
            <button
                ref={button}
                type="button"
                aria-haspopup="menu"
                aria-expanded={open}
                aria-label="Actions"
                disabled={disabled}
                onClick={() => setOpen(!open)}
            >
                ⋯
            </button>
            {open && (
                <div
                    ref={list}
                    role="menu"
                    aria-label="Actions"
                    class="items"
                    tabIndex={-1}
                    onKeyDown={(event) => {
                        event.stopPropagation();
                        const go = keys[event.key];
                        if (!go) return;
                        event.preventDefault();
                        go();
                    }}
                >
                    {actions.map(({ action, title }) => (
                        <button
                            type="button"
                            role="menuitem"
                            key={action}
                            tabIndex={-1}
                            onClick={() => {
                                leave();
                                act(action);
                            }}
                        >
                            {title}
                        </button>
                    ))}
                </div>
            )}
        </span>
    );
}
