/** What the page remembers over reloads: its run, whether that is to be kept, and how every runnable was looked at. */
import { START, type View } from './view.ts';

interface Memory {
    readonly key?: string;
    readonly pinned: boolean;
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

/** The run that was shown when the page was last open. */
export function lastKey(): string | undefined {
    return memory.key;
}

/** Whether the page keeps its run when others run. */
export function isPinned(): boolean {
    return memory.pinned;
}

export function pin(pinned: boolean): void {
    remember({ ...memory, pinned });
    host.postMessage({ kind: 'pin', pinned });
}

/** How a runnable was looked at last; what was never looked at begins with its first way of looking. */
export function viewOf(runnable: string, first: View['mode'] = START.mode): View {
    return memory.views[runnable] ?? { ...START, mode: first };
}

export function keep(runnable: string, key: string, view: View): void {
    const { [runnable]: _, ...rest } = memory.views;
    const older = Object.entries(rest).slice(-KEPT);
    remember({ ...memory, key, views: { ...Object.fromEntries(older), [runnable]: view } });
}

/** At once: the page is gone without a word as soon as it is hidden. */
function remember(news: Memory): void {
    memory = news;
    host.setState(memory);
}

function restore(state: unknown): Memory {
    const nothing = { pinned: false, views: {} };
    if (typeof state !== 'object' || state === null || !('views' in state)) return nothing;
    const { key, pinned, views } = state as { key?: unknown; pinned?: unknown; views: unknown };
    if (typeof views !== 'object' || views === null) return nothing;
    const kept = Object.entries(views).map(([name, view]) => [name, { ...START, ...(view as object) }] as const);
    return {
        ...(typeof key === 'string' ? { key } : {}),
        pinned: pinned === true,
        views: Object.fromEntries(kept),
    };
}
