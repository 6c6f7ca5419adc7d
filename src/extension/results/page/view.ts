/** What the page remembers: which run and picture, how it is looked at, kept per runnable and over reloads. */

export type Mode = 'grid' | 'large' | 'compare' | 'steps';
export type CompareMode = 'side' | 'slider' | 'difference';

/** How one runnable's pictures are looked at. */
export interface View {
    readonly mode: Mode;
    readonly cell: number;
    readonly zoom: Zoom;
    readonly compare: CompareMode;
    /** The picture on the other side: a run and a cell. */
    readonly other?: { readonly key: string; readonly cell: number };
    /** Position of the slider, 0…1. */
    readonly split: number;
    /** Index of the frame within the trace. */
    readonly frame: number;
    readonly details: boolean;
    readonly scroll: number;
}

/** Zoom 1 fits the picture into its area; x and y are offsets of its middle in area pixels. */
export interface Zoom {
    readonly scale: number;
    readonly x: number;
    readonly y: number;
}

export const FIT: Zoom = { scale: 1, x: 0, y: 0 };

const START: View = {
    mode: 'grid',
    cell: 0,
    zoom: FIT,
    compare: 'side',
    split: 0.5,
    frame: 0,
    details: false,
    scroll: 0,
};

interface Memory {
    readonly key?: string;
    readonly views: Readonly<Record<string, View>>;
}

/** How many runnables are remembered. */
const KEPT = 50;

interface Host {
    postMessage(message: unknown): void;
    getState(): unknown;
    setState(state: unknown): void;
}

declare function acquireVsCodeApi(): Host;

export const host: Host = acquireVsCodeApi();

let memory: Memory = restore(host.getState());
let saving: ReturnType<typeof setTimeout> | undefined;

/** The run that was shown when the page was last open. */
export function lastKey(): string | undefined {
    return memory.key;
}

export function viewOf(runnable: string): View {
    return memory.views[runnable] ?? START;
}

export function keep(runnable: string, key: string, view: View): void {
    const { [runnable]: _, ...rest } = memory.views;
    const older = Object.entries(rest).slice(-KEPT);
    memory = { key, views: { ...Object.fromEntries(older), [runnable]: view } };
    clearTimeout(saving);
    saving = setTimeout(() => host.setState(memory), 100);
}

function restore(state: unknown): Memory {
    if (typeof state !== 'object' || state === null || !('views' in state)) return { views: {} };
    const { key, views } = state as { key?: unknown; views: unknown };
    if (typeof views !== 'object' || views === null) return { views: {} };
    const kept = Object.entries(views).map(([name, view]) => [name, { ...START, ...(view as object) }] as const);
    return { ...(typeof key === 'string' ? { key } : {}), views: Object.fromEntries(kept) };
}
