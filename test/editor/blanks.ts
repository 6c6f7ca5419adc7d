/** Frames in which the place of a picture shows none. */
import type { Page } from 'playwright-core';
import { results } from './editor.ts';

/** Begins to look at every frame of the results page. */
export async function watchBlanks(page: Page): Promise<void> {
    await results(page)
        .locator('body')
        .evaluate(`(() => {
        const watched = (window.watched = { blank: 0, frames: 0 });
        const look = () => {
            if (window.watched !== watched) return;
            const picture = document.querySelector('.grid .picture');
            watched.frames++;
            // An image whose address changes shows the old picture until the new one is there, and has its width.
            if (!picture || (picture.tagName === 'IMG' && picture.naturalWidth === 0)) watched.blank++;
            requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    })()`);
}

/** How many frames were blank, of how many. */
export function blanks(page: Page): Promise<{ readonly blank: number; readonly frames: number }> {
    return results(page).locator('body').evaluate('window.watched');
}
