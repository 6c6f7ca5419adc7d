/** A pointer drag that ends outside of its element too. */

export interface Drag {
    /** Pixels since it began, to the right and up. */
    readonly move: (right: number, up: number) => void;
    /** `moved` is false for a click. */
    readonly end: (moved: boolean) => void;
}

/** Pixels within which a hand that clicks may shake. */
const CLICK = 3;

/** Follows the pointer of an event until it is lifted. */
export function follow(event: PointerEvent, { move, end }: Drag): void {
    const element = event.currentTarget as Element;
    const { clientX, clientY, pointerId } = event;
    let moved = false;
    const onMove = (next: PointerEvent) => {
        const [right, up] = [next.clientX - clientX, clientY - next.clientY];
        if (!moved && Math.hypot(right, up) < CLICK) return;
        moved = true;
        move(right, up);
    };
    const stop = () => {
        element.removeEventListener('pointermove', onMove as EventListener);
        element.removeEventListener('pointerup', stop);
        element.removeEventListener('pointercancel', stop);
        end(moved);
    };
    element.setPointerCapture(pointerId);
    element.addEventListener('pointermove', onMove as EventListener);
    element.addEventListener('pointerup', stop);
    element.addEventListener('pointercancel', stop);
}
