/** Entry of the results page: takes the host's messages and draws. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { STOPPING } from '../../runs/progress.ts';
import { parseToPage } from '../parse-messages.ts';
import type { ShownAdjustable } from '../shown-run.ts';
import { Adjust } from './adjust/adjust.tsx';
import { App } from './app.tsx';
import { drawn, NOTHING, pairOf, received, replacement } from './inbox.ts';
import { host, isPinned, lastKey } from './memory.ts';
import { inOrder } from './picture/arrivals.ts';

let inbox = NOTHING;
let drawing = false;

const arrive = inOrder(
    (message) => {
        inbox = received(inbox, message);
        draw();
    },
    (message) => replacement(inbox, message),
);
window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = parseToPage(data);
    if (message) arrive(message);
});
// Commands are for the page that had the focus last.
const come = () => host.postMessage({ kind: 'focus' });
window.addEventListener('focus', come);
window.addEventListener('pointerdown', come, { capture: true });

const key = lastKey();
host.postMessage({ kind: 'ready', ...(key === undefined ? {} : { key }), pinned: isPinned() });

/** Where there is no run: what can be adjusted all the same. */
function Empty({ text, adjustable }: { readonly text: string; readonly adjustable: ShownAdjustable | undefined }) {
    return (
        <div class="nothing">
            <p class="quiet empty">{text}</p>
            {adjustable && <Adjust adjustable={adjustable} />}
        </div>
    );
}

/** A run that is planned, above what is shown until it begins. */
function Starting({ name }: { readonly name: string }) {
    const [stops, setStops] = useState(false);
    return (
        <div class="starting" role="status" data-name={name}>
            <span class="state">
                {name}: {stops ? STOPPING : 'starting'}
            </span>
            <button
                type="button"
                class="stop"
                aria-disabled={stops}
                onClick={() => {
                    setStops(true);
                    host.postMessage({ kind: 'withdraw' });
                }}
            >
                Stop
            </button>
        </div>
    );
}

/** Many messages make one drawing a frame. */
function draw(): void {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
        drawing = false;
        const root = document.getElementById('root');
        if (!root) return;
        const { shown, previews, others, trusted, actions, empty, details, differences, adjustable, starting } = inbox;
        const props = { previews, others, trusted, actions, pair: pairOf(inbox), details, differences, adjustable };
        render(
            <>
                {starting !== undefined && <Starting key={starting} name={starting} />}
                {shown ? <App shown={shown} {...props} /> : <Empty text={empty} adjustable={adjustable} />}
            </>,
            root,
        );
        inbox = drawn(inbox);
    });
}
