/** A large picture: decoded beside the page's own thread and drawn in tiles, so that nothing is still. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ShownPicture, ShownPyramid } from '../../shown-run.ts';
import type { Zoom } from '../view.ts';
import { Zoomed } from '../zoom.tsx';
import { decode } from './big.ts';
import type { DeepView } from './deep-view.ts';

interface Props {
    readonly picture: ShownPicture;
    /** Tiles on disk, which show more than the picture does. */
    readonly pyramid: ShownPyramid | undefined;
    readonly zoom: Zoom;
    readonly label: string;
}

type State = 'opening' | 'drawn' | 'failed';

export function Deep({ picture, pyramid, zoom, label }: Props) {
    const place = useRef<HTMLDivElement>(null);
    const view = useRef<DeepView>(undefined);
    const wanted = useRef(zoom);
    const [state, setState] = useState<State>('opening');
    useEffect(() => {
        let left = false;
        setState('opening');
        openIn(place.current!, picture.src, pyramid).then(
            (opened) => {
                if (left) return opened.close();
                view.current = opened;
                opened.look(wanted.current);
                setState('drawn');
            },
            () => left || setState('failed'),
        );
        return () => {
            left = true;
            view.current?.close();
            view.current = undefined;
        };
    }, [picture.src, pyramid?.first]);
    useLayoutEffect(() => {
        wanted.current = zoom;
        view.current?.look(zoom);
    }, [zoom]);
    // What has no room in memory as a whole is left to the browser, which draws it slowly and less fine.
    if (state === 'failed') {
        return (
            <Zoomed zoom={zoom}>
                <img class="picture" src={picture.src} alt={label} decoding="async" draggable={false} />
            </Zoomed>
        );
    }
    return (
        <>
            <div ref={place} class="deep" role="img" aria-label={label} data-state={state} />
            {state === 'opening' && (
                <p class="quiet opening" role="status">
                    Opening {(pyramid ?? picture).width}×{(pyramid ?? picture).height} pixels …
                </p>
            )}
        </>
    );
}

async function openIn(element: HTMLElement, src: string, pyramid: ShownPyramid | undefined): Promise<DeepView> {
    if (pyramid) {
        const { open, storedPyramid } = await loadViewer();
        return open(element, storedPyramid(pyramid));
    }
    const [{ open, cutPyramid }, bitmap] = await Promise.all([loadViewer(), decode(src)]);
    return open(element, cutPyramid(bitmap));
}

/** The page's own script while it is first carried out; later there is none. */
const own = document.currentScript as HTMLScriptElement;
let viewer: Promise<typeof import('./deep-view.ts')> | undefined;

/** The viewer's bundle, as a script with the nonce that the page's policy asks for. */
function loadViewer(): Promise<typeof import('./deep-view.ts')> {
    viewer ??= new Promise((resolve, reject) => {
        const script = document.createElement('script');
        script.nonce = own.nonce;
        script.src = own.src.replace('results.js', 'results-deep.js');
        script.onload = () =>
            resolve((globalThis as unknown as { sdspecDeep: typeof import('./deep-view.ts') }).sdspecDeep);
        script.onerror = () => reject(new Error('The viewer of large pictures could not be loaded.'));
        document.head.append(script);
    });
    return viewer;
}
