/** What is drawn in parts, one in each frame, so that the page answers in between. */
import { useEffect, useState } from 'preact/hooks';

/** How many of `total` are to be drawn by now: `step` more after every frame. It begins again where `of` is another one. */
export function useGrowing(total: number, step: number, of: unknown): number {
    const [grown, setGrown] = useState({ of, count: step });
    const count = grown.of === of ? grown.count : step;
    useEffect(() => {
        if (count >= total) return;
        const frame = requestAnimationFrame(() => setGrown({ of, count: count + step }));
        return () => cancelAnimationFrame(frame);
    }, [count, total, step, of]);
    return Math.min(count, total);
}
