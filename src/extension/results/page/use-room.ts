/** The room that an element has, as it changes. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

export interface Room {
    readonly width: number;
    readonly height: number;
}

/** Measured before the first frame is painted; until then a guess. */
export function useRoom(area: RefObject<Element | null>, guess: Room): Room {
    const [room, setRoom] = useState(guess);
    useLayoutEffect(() => {
        const element = area.current;
        if (!element) return;
        const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight });
        const observer = new ResizeObserver(measure);
        observer.observe(element);
        measure();
        return () => observer.disconnect();
    }, [area]);
    return room;
}
