/** Resolved settings as spec text: for reading, for diffs, and for pictures that come from elsewhere. */
import type { MosaicPlan } from '../../plan/mosaic/mosaic.ts';
import type { Work } from '../../plan/run.ts';
import { figure } from './curve-text.ts';
import { Ingredients } from './ingredients.ts';
import { learnFile } from './learn-text.ts';
import { pictureText } from './picture-text.ts';
import { oneLine } from './value-text.ts';

/** The work in the language's own words. Every setting is written, so that two texts can be compared line by line. */
export function specText(name: string, work: Work): string {
    switch (work.kind) {
        case 'picture':
            return pictureText(name, work);
        case 'sweep': {
            const axes = work.axes.map((axis) => `//     ${oneLine(`${axis.name}: ${axis.values.join(' | ')}`)}`);
            const first = work.cells[0];
            const head = `// A sweep of ${work.cells.length} plans over\n${axes.join('\n')}\n// Its first plan:\n\n`;
            return first ? head + pictureText(name, first.plan) : head;
        }
        case 'mosaic':
            return mosaicText(name, work);
        case 'print': {
            const { paper, steps } = work;
            const { width, height, dpi, bleed, fit } = paper;
            const head = `// A print of ${figure(width)}x${figure(height)}cm at ${figure(dpi)}dpi, bleed ${figure(bleed)}cm, fit ${fit}.\n`;
            const texts = steps.map((step, k) => {
                if (step.kind === 'upscaler') return `// Step ${k + 1}: enlarged by ${oneLine(step.file.path)}.\n`;
                const { strength, by, tile, overlap } = step;
                const how = `${figure(by)} times larger, strength ${figure(strength)}, windows of ${tile}px overlapping by ${overlap}px`;
                return `// Step ${k + 1}: ${how}, with:\n\n${pictureText(`${name}_${k + 1}`, step.via)}`;
            });
            return head + texts.join('\n');
        }
        case 'learn':
            return learnFile(name, work);
    }
}

/** What makes the tiles of a mosaic, and in comments how they are laid out. */
export function mosaicText(
    name: string,
    { grid, tiles, depth }: Pick<MosaicPlan, 'grid' | 'tiles' | 'depth'>,
    known = new Ingredients(),
): string {
    const { strength, colour, vary, pool, size, via } = tiles;
    const head = `// A mosaic of ${grid.columns}x${grid.rows} tiles of ${size.width}x${size.height} pixels, depth ${depth}.\n`;
    const dials = `// Its tiles: strength ${figure(strength)}, colour ${figure(colour)}, vary ${vary}, pool ${pool}.\n`;
    return `${head}${dials}// Every tile is made with:\n\n${pictureText(name, via, known)}`;
}
