/** An area whose content can be zoomed and panned by wheel, pointer and keys. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { FIT, MOST, type Zoom, zoomBy } from './view.ts';

interface Props {
    readonly zoom: Zoom;
    readonly label: string;
    readonly onZoom: (zoom: Zoom) => void;
    /** How much it can be enlarged. */
    readonly most?: number;
    readonly children: ComponentChildren;
}

const STEP = 1.25;
const PAN = 40;

export function ZoomArea({ zoom, label, onZoom, most = MOST, children }: Props) {
    const area = useRef<HTMLDivElement>(null);
    const now = useRef({ zoom, onZoom, most });
    now.current = { zoom, onZoom, most };
    const drag = useRef<{ readonly x: number; readonly y: number; readonly zoom: Zoom }>(undefined);
    useEffect(() => {
        const element = area.current;
        // A listener of our own, because a wheel that zooms must not scroll as well, and passive listeners can't say so.
        const wheel = (event: WheelEvent) => {
            event.preventDefault();
            const box = element!.getBoundingClientRect();
            const at = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
            now.current.onZoom(
                zoomBy(now.current.zoom, Math.exp(-event.deltaY / 300), { ...at, most: now.current.most }),
            );
        };
        element?.addEventListener('wheel', wheel, { passive: false });
        return () => element?.removeEventListener('wheel', wheel);
    }, []);
    const pan = (x: number, y: number) => onZoom({ ...zoom, x: zoom.x + x, y: zoom.y + y });
    const keys: Readonly<Record<string, () => void>> = {
        '+': () => onZoom(zoomBy(zoom, STEP, { most })),
        '=': () => onZoom(zoomBy(zoom, STEP, { most })),
        '-': () => onZoom(zoomBy(zoom, 1 / STEP)),
        '0': () => onZoom(FIT),
        ArrowLeft: () => pan(PAN, 0),
        ArrowRight: () => pan(-PAN, 0),
        ArrowUp: () => pan(0, PAN),
        ArrowDown: () => pan(0, -PAN),
    };
    return (
        // biome-ignore lint/a11y/useSemanticElements: an area that is moved about in is no fieldset
        <div
            ref={area}
            class={zoom.scale > 3 ? 'zoom crisp' : 'zoom'}
            role="group"
            aria-label={`${label}. Plus and minus zoom, arrows move, zero fits.`}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: keys zoom and pan here
            tabIndex={0}
            data-scale={zoom.scale.toFixed(3)}
            onKeyDown={(event) => {
                const act = keys[event.key];
                if (!act || event.ctrlKey || event.altKey || event.metaKey || event.target !== area.current) return;
                event.preventDefault();
                event.stopPropagation();
                act();
            }}
            onPointerDown={(event) => {
                if (event.button !== 0 || (event.target as HTMLElement).closest('input')) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                drag.current = { x: event.clientX, y: event.clientY, zoom };
            }}
            onPointerMove={(event) => {
                const from = drag.current;
                if (!from) return;
                const x = from.zoom.x + event.clientX - from.x;
                onZoom({ ...from.zoom, x, y: from.zoom.y + event.clientY - from.y });
            }}
            onPointerUp={() => {
                drag.current = undefined;
            }}
            onPointerCancel={() => {
                drag.current = undefined;
            }}
            onDblClick={() => onZoom(zoom.scale === 1 ? zoomBy(zoom, 4) : FIT)}
        >
            {children}
        </div>
    );
}

/** The zoomed content: everything inside moves together. */
export function Zoomed({ zoom, children }: { readonly zoom: Zoom; readonly children: ComponentChildren }) {
    return (
        <div class="zoomed" style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}>
            {children}
        </div>
    );
}
