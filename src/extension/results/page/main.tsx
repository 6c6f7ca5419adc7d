/** Entry of the results page: takes the host's messages and draws. */
import { render } from 'preact';
import { parseToPage, type Shown, type ShownPicture, type ToPage } from '../messages.ts';
import { App } from './app.tsx';
import type { PreviewPicture } from './preview.tsx';
import { host, lastKey } from './view.ts';

let shown: Shown | undefined;
let previews: ReadonlyMap<number, PreviewPicture> = new Map();
let others: ReadonlyMap<string, Shown> = new Map();
let trusted = false;
let pinned = false;
let empty = '';
let command: Parameters<typeof App>[0]['command'];
let pair: Parameters<typeof App>[0]['pair'];
let drawing = false;

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = parseToPage(data);
    if (!message) return;
    take(message);
    draw();
});
const key = lastKey();
host.postMessage(key === undefined ? { kind: 'ready' } : { kind: 'ready', key });

function take(message: ToPage): void {
    switch (message.kind) {
        case 'show':
            if (message.shown.key !== shown?.key || message.shown.state !== 'running') previews = new Map();
            ({ shown, trusted, pinned } = message);
            return;
        case 'other':
            others = new Map([...others, [message.shown.key, message.shown]]);
            if (message.compare) pair = { key: message.shown.key, ...message.compare };
            return;
        case 'progress':
            if (shown?.key === message.key) shown = { ...shown, state: 'running', progress: message.progress };
            return;
        case 'preview': {
            if (shown?.key !== message.key) return;
            const { cell, step, width, height, data } = message;
            previews = new Map([...previews, [cell, { step, width, height, data }]]);
            return;
        }
        case 'picture':
            if (shown?.key === message.key) shown = { ...shown, pictures: withPicture(shown, message.picture) };
            return;
        case 'do':
            command = { action: message.action };
            return;
        case 'empty':
            shown = undefined;
            empty = message.text;
    }
}

function withPicture({ pictures }: Shown, picture: ShownPicture): readonly ShownPicture[] {
    const rest = pictures.filter(({ cell }) => cell !== picture.cell);
    return [...rest, picture].sort((a, b) => a.cell - b.cell);
}

/** Many messages make one drawing a frame. */
function draw(): void {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
        drawing = false;
        const root = document.getElementById('root');
        if (!root) return;
        const props = { previews, others, trusted, pinned, command, pair };
        render(shown ? <App shown={shown} {...props} /> : <p class="quiet empty">{empty}</p>, root);
        command = undefined;
        pair = undefined;
    });
}
