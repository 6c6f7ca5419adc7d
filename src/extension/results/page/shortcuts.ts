/** Keys that work wherever the focus is on the page, unless something else there has taken them. */
import { useEffect, useRef } from 'preact/hooks';
import type { PageAction } from '../messages.ts';

/** What a key does, besides `Escape`, which goes back to where the run is looked at first. */
const KEYS: Readonly<Record<string, PageAction>> = {
    l: 'layers',
    c: 'compare',
    d: 'details',
    s: 'steps',
    '.': 'nextPicture',
    ',': 'previousPicture',
};

export function useShortcuts(first: PageAction, perform: (action: PageAction) => void): void {
    const now = useRef({ first, perform });
    now.current = { first, perform };
    useEffect(() => {
        const press = (event: KeyboardEvent) => {
            const typing = (event.target as HTMLElement).matches('select, input[type=text], input[type=number]');
            const action = event.key === 'Escape' ? now.current.first : KEYS[event.key];
            if (!action || typing || event.ctrlKey || event.altKey || event.metaKey) return;
            event.preventDefault();
            now.current.perform(action);
        };
        document.addEventListener('keydown', press);
        return () => document.removeEventListener('keydown', press);
    }, []);
}
