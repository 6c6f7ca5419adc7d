/** Mosaics and prints: the clauses that they can't do without. */
import * as ast from '../generated/ast.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';

const NEEDED = {
    Mosaic: [
        { is: ast.isOfClause, word: 'of', example: 'of picture' },
        { is: ast.isGridClause, word: 'grid', example: 'grid 16x16' },
        { is: ast.isTilesClause, word: 'tiles', example: 'tiles via picture strength 0.4' },
    ],
    Print: [
        { is: ast.isOfClause, word: 'of', example: 'of picture' },
        { is: ast.isUpscaleClause, word: 'upscale', example: 'upscale esrgan' },
        { is: ast.isPaperClause, word: 'paper', example: 'paper 30x40cm at 240dpi' },
    ],
} as const;

export const mosaicChecks: Checks = {
    Mosaic: (mosaic, report) => tellMissing(mosaic, report),
    Print: (print, report) => tellMissing(print, report),
};

function tellMissing(runnable: ast.Mosaic | ast.Print, report: Report): void {
    for (const { is, word, example } of NEEDED[runnable.$type]) {
        if (runnable.settings.some((setting) => is(setting))) continue;
        const message = `\`${runnable.name}\` needs a clause \`${word}\`, as in \`${example}\`.`;
        report('clause/missing', 'error', message, runnable, { property: 'name' });
    }
}
