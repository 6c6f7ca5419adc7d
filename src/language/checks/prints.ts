/** Prints: what enlarges them, the paper, and whether the one is enough for the other. */
import { faultOfCorners } from '../../plan/prints/corners.ts';
import { enlargementFor, MAX_SHEET_PIXELS, type Paper, paperPixels, upscalerFactor } from '../../plan/prints/print.ts';
import { LATENT_FACTOR, wholeLatents } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { cornersOf } from '../lower/picture/canvas.ts';
import { REFINED_BY } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { sizeOfSubject } from '../meaning/picture-size.ts';
import { MAX_BLEED, MAX_DPI, measuresText, numberOfQuantity, quantityText } from '../meaning/quantities.ts';
import { centimetresOf, paperOf, quantityOf } from '../meaning/values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

export const printChecks: Checks = {
    UpscaleClause: (clause, report) => {
        if (clause.upscaler) reportFixed(clause, report);
        else checkWindows(clause, 'tile', clause.tile, clause.overlap, report);
        const via = clause.via?.ref;
        if (via) reportLost(clause, via, report);
    },
    SizeClause: (clause, report) => checkWindows(clause, 'windows', clause.windows, clause.overlap, report),
    PaperClause: (clause, report) => checkPaper(clause, report),
    OfClause: (clause, report) => {
        const source = clause.picture?.ref;
        if (!clause.inside || !source || (ast.isGenerate(source) && paintsFrame(source))) return;
        const message = `\`${source.name}\` paints into no frame: leave \`inside\` out, or name a generate with \`mask corners …\`.`;
        report('print/inside', 'error', message, clause, { property: 'inside' });
    },
    MaskClause: (clause, report) => checkMask(clause, report),
};

function paintsFrame(generate: ast.Generate): boolean {
    const mask = settingOf(effective(generate), ast.isMaskClause);
    return mask !== undefined && (mask.only || mask.corners.length > 0);
}

/** A network enlarges by its own factor, and has no strength. */
function reportFixed(clause: ast.UpscaleClause, report: Report): void {
    const property = clause.by ? 'by' : clause.strength ? 'strength' : undefined;
    if (!property) return;
    const message = `An upscaler has a factor of its own and no strength: leave \`${property}\` out, or redo the picture with \`upscale via\`.`;
    report('upscale/fixed', 'error', message, clause, { property });
}

/** What a generate says that image to image of a whole picture has no place for. */
function reportLost(clause: ast.UpscaleClause, via: ast.Generate, report: Report): void {
    const settings = effective(via);
    const lost = [
        settingOf(settings, ast.isStartClause) && 'start',
        settingOf(settings, ast.isMaskClause) && 'mask',
        settingOf(settings, ast.isOutpaintClause) && 'outpaint',
        settingOf(settings, ast.isTraceClause) && 'trace',
    ].filter((word) => word !== undefined);
    if (lost.length === 0) return;
    const words = lost.map((word) => `\`${word}\``).join(' and ');
    const message = `The whole picture is redone, so ${words} of \`${via.name}\` can't be kept: name a generate without, as in \`generate detail extends ${via.name} { without ${lost[0]} }\`.`;
    report('upscale/via', 'error', message, clause, { property: 'via' });
}

function checkWindows(
    clause: ast.UpscaleClause | ast.SizeClause,
    property: string,
    side: ast.Quantity | undefined,
    overlap: ast.Quantity | undefined,
    report: Report,
): void {
    for (const [name, text] of [
        [property, side?.text],
        ['overlap', overlap?.text],
    ] as const) {
        if (!text) continue;
        const { value, unit } = quantityOf(text);
        if (unit !== 'px') {
            report('size/unit', 'error', 'Windows are measured in pixels: write `128px`.', clause, { property: name });
        } else if (value === 0 || value % LATENT_FACTOR !== 0) {
            const near = `${wholeLatents(value)}px`;
            const message = `Windows are measured in multiples of ${LATENT_FACTOR} pixels: write \`${near}\`.`;
            const fix = replace(`Change to ${near}`, clause, near, { property: name });
            report('size/multiple', 'error', message, clause, { property: name, fix });
        }
    }
    if (!side?.text || !overlap?.text || property === 'tile') return;
    if (quantityOf(overlap.text).value * 2 > quantityOf(side.text).value) {
        const message = 'Windows overlap by at most half of their side: write a smaller overlap, or larger windows.';
        report('tiles/overlap', 'error', message, clause, { property: 'overlap' });
    }
}

// ── Paper ──────────────────────────────────────────────────────────────

function checkPaper(clause: ast.PaperClause, report: Report): void {
    const bleed = clause.bleed?.text ? centimetresOf(clause.bleed.text) : 0;
    if (bleed === undefined || bleed > MAX_BLEED) {
        const message = 'The bleed is a length of up to 5 cm: write `3mm`.';
        report('paper/bleed', 'error', message, clause, { property: 'bleed' });
    }
    const dpi = clause.density?.text ? quantityOf(clause.density.text).value : 1;
    if (dpi < 1 || dpi > MAX_DPI) {
        const message = `A print has 1 to ${MAX_DPI} dots per inch: 150dpi are usual for posters, 300dpi for postcards.`;
        report('paper/dpi', 'error', message, clause, { property: 'density' });
        return;
    }
    if (clause.profile === '') {
        const message = 'Write the path of the ICC profile, relative to this file.';
        report('file/empty', 'error', message, clause, { property: 'profile' });
    }
    const paper = paperIn(clause);
    if (!paper) return;
    const { sheet } = paperPixels(paper);
    // Values of params have checks of their own.
    const isByParam = clause.param ?? clause.density.param ?? clause.bleed?.param;
    if (!clause.param && !(paper.width > 0 && paper.height > 0)) {
        report('paper/size', 'error', 'Paper has a width and a height: write `30x40cm`.', clause, {
            property: 'value',
        });
    } else if (!isByParam && sheet.width * sheet.height > MAX_SHEET_PIXELS) {
        const message = `${clause.value} at ${dpi}dpi is ${sheet.width}x${sheet.height} pixels; ${MAX_SHEET_PIXELS / 1e6} million are possible: write a smaller paper, or fewer dpi.`;
        report('paper/large', 'error', message, clause, { property: 'value' });
    }
}

function paperIn(clause: ast.PaperClause): Paper | undefined {
    const size = paperOf(measuresText(clause));
    if (!size || !clause.density) return undefined;
    const bleed = centimetresOf(quantityText(clause.bleed)) ?? 0;
    return { ...size, dpi: numberOfQuantity(clause.density), bleed, fit: clause.fit ?? 'cover', marks: clause.marks };
}

/** Whether the steps make as many pixels as the paper needs, where both are known. */
export function checkPrintSize(print: ast.Print, files: FileAccess, report: Report): void {
    const clause = print.settings.find(ast.isPaperClause);
    const paper = clause && paperIn(clause);
    const size = sizeOfSubject(print, files);
    if (!clause || !paper || !size) return;
    const factors = print.settings.filter(ast.isUpscaleClause).map(factorOf);
    if (factors.includes(undefined)) return;
    const reached = factors.reduce<number>((product, factor) => product * (factor ?? 1), 1);
    const needed = enlargementFor(size, paper);
    if (!Number.isFinite(needed) || needed <= reached * 1.05) return;
    const { sheet } = paperPixels(paper);
    const times = Math.round(needed * 10) / 10;
    const made = reached === 1 ? 'nothing enlarges it' : `of which ${Math.round(reached * 10) / 10} by \`upscale\``;
    const message = `${measuresText(clause)} at ${quantityText(clause.density)} needs ${sheet.width}x${sheet.height} pixels; the picture has ${size.width}x${size.height}: ${times} times, ${made}. The rest is enlarged without new detail: add an \`upscale\`, or write a smaller paper or fewer dpi.`;
    report('paper/coarse', 'warning', message, clause, { property: 'value' });
}

/** How many times larger a step makes a picture: as written, as is known of what comes with sdspec, or as a file's name says. */
function factorOf(clause: ast.UpscaleClause): number | undefined {
    if (!clause.upscaler) return clause.by ? known(clause.by) : REFINED_BY;
    return upscalerFactor((clause.upscaler.ref && writtenPath(clause.upscaler.ref)) ?? '');
}

// ── Frames ─────────────────────────────────────────────────────────────

function checkMask(clause: ast.MaskClause, report: Report): void {
    const generate = clause.$container;
    const corners = cornersOf(clause);
    if (clause.margin) {
        if (!corners && !clause.only) {
            const message =
                'Only a frame has a margin: write `mask corners …` or `mask PICTURE only`, or leave `margin` out.';
            report('mask/margin', 'error', message, clause, { property: 'margin' });
        } else if (clause.margin.text && quantityOf(clause.margin.text).unit !== 'px') {
            const message = 'This is measured in pixels of the picture: write `24px`.';
            report('size/unit', 'error', message, clause, { property: 'margin' });
        }
    }
    if (corners) {
        const fault = faultOfCorners(corners);
        const rule = 'Name them clockwise: top left, top right, bottom right, bottom left.';
        if (corners.some(({ x, y }) => x < 0 || y < 0)) {
            report('mask/corners', 'error', 'Corners are pixels of the picture, from 0,0 at its top left.', clause);
        } else if (fault) {
            const what = fault === 'crossing' ? 'The sides of this frame cross.' : 'These corners run anticlockwise.';
            report('mask/corners', 'error', `${what} ${rule}`, clause);
        }
    }
    if (!ast.isGenerate(generate) || !(corners || clause.only)) return;
    const settings = effective(generate);
    const outpaint = settingOf(settings, ast.isOutpaintClause);
    if (outpaint) {
        const message = 'A frame is repainted within its picture, which is not widened: leave `outpaint` out.';
        report('mask/frame', 'error', message, clause);
    }
    const start = settingOf(settings, ast.isStartClause);
    if (start && start.pictures.length > 1) {
        report('mask/frame', 'error', 'A frame is within one picture: name one in `start from`.', clause);
    }
}
