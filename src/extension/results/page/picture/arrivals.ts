/** Messages on their way into the page, in their order: one with a picture that replaces another waits until it can be drawn. */
import type { ToPage } from '../../messages.ts';

/** A picture that can't be decoded by then is shown as far as it is. */
const PATIENCE_MS = 3000;
/** The picture that was decoded last, held until the page has drawn it: otherwise it could be loaded a second time. */
let held: HTMLImageElement | undefined;

/** Passes each message to `take`, at once where `pictureOf` finds no picture in it that has to be decoded before. */
export function inOrder(
    take: (message: ToPage) => void,
    pictureOf: (message: ToPage) => string | undefined,
    decode: (src: string) => Promise<unknown> = decoded,
): (message: ToPage) => void {
    const waiting: ToPage[] = [];
    let busy = false;
    const next = () => {
        for (let message = waiting[0]; message; message = waiting[0]) {
            const src = busy ? undefined : pictureOf(message);
            if (src !== undefined) {
                busy = true;
                void decode(src).finally(next);
                return;
            }
            busy = false;
            waiting.shift();
            take(message);
        }
    };
    return (message) => {
        waiting.push(message);
        if (waiting.length === 1) next();
    };
}

/** Settles when the picture is in the page's memory and decoded, or can't be, or takes too long. */
function decoded(src: string): Promise<unknown> {
    const image = new Image();
    image.src = src;
    held = image;
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    return Promise.race([held.decode().catch(() => {}), late]);
}
