/** Sizes: whole pixels, multiples of the model's, and not too far from what it was made for. */
import { LATENT_FACTOR, wholeLatents } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { effective } from '../meaning/inherit.ts';
import { factsOf, usedModel } from '../meaning/models.ts';
import { LARGEST_SIDE } from '../meaning/ranges.ts';
import { paperOf, quantityOf, sizeOf } from '../meaning/values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';

export const sizeChecks: Checks = {
    SizeClause: (clause, report) => {
        if (!clause.value || !checkSize(clause.value, clause, { property: 'value' }, report)) return;
        const generate = clause.$container;
        if (ast.isGenerate(generate)) reportUnusual(clause, generate, report);
    },
    SizeAxis: (axis, report) => {
        axis.values.forEach((value, index) => {
            checkSize(value, axis, { property: 'values', index }, report);
        });
    },
    OutpaintEdge: (edge, report) => {
        if (!edge.by?.text) return;
        const { value, unit } = quantityOf(edge.by.text);
        if (unit !== 'px') {
            report('size/unit', 'error', 'Edges are widened by pixels: write `32px`.', edge, { property: 'by' });
        } else if (value === 0 || value % LATENT_FACTOR !== 0) {
            const near = `${wholeLatents(value)}px`;
            const message = `Edges are widened by multiples of ${LATENT_FACTOR} pixels: write \`${near}\`.`;
            report('size/multiple', 'error', message, edge, {
                property: 'by',
                fix: replace(`Change to ${near}`, edge, near, { property: 'by' }),
            });
        }
    },
    OutpaintClause: ({ edges }, report) => {
        for (const edge of edges) {
            if (edges.find(({ side }) => side === edge.side) === edge) continue;
            report('clause/twice', 'error', `\`${edge.side}\` is given twice: keep one of them.`, edge);
        }
    },
    MaskClause: (clause, report) => pixels(clause, 'feather', clause.feather?.text, report),
    TilesClause: (clause, report) => {
        pixels(clause, 'tile', clause.tile?.text, report);
    },
    DepthClause: (clause, report) => pixels(clause, 'width', clause.width?.text, report),
    UpscaleClause: (clause, report) => {
        pixels(clause, 'tile', clause.tile?.text, report);
        pixels(clause, 'overlap', clause.overlap?.text, report);
        reportOverlap(clause, report);
    },
    GridClause: (clause, report) => {
        if (!clause.value) return;
        const { width, height, unit } = sizeOf(clause.value);
        if (unit !== '' || !Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
            report('mosaic/grid', 'error', 'A grid is columns by rows: write `16x16`.', clause, { property: 'value' });
        }
    },
    PaperClause: (clause, report) => {
        if (!clause.value) return;
        if (!paperOf(clause.value)) {
            const message = 'Paper has a unit of length: write `30x40cm`, `300x400mm` or `12x16in`.';
            report('size/unit', 'error', message, clause, { property: 'value' });
        }
    },
};

/** Whether the size is one at all. */
function checkSize(
    text: string,
    node: ast.SizeClause | ast.SizeAxis,
    part: { property: string; index?: number },
    report: Report,
): boolean {
    const { width, height, unit } = sizeOf(text);
    if (unit !== '') {
        report(
            'size/unit',
            'error',
            'A picture is measured in pixels: write `512x768`. Paper has units, in a `print`.',
            node,
            part,
        );
        return false;
    }
    if (width % LATENT_FACTOR !== 0 || height % LATENT_FACTOR !== 0 || width === 0 || height === 0) {
        const near = `${wholeLatents(width)}x${wholeLatents(height)}`;
        const message = `Both sides are multiples of ${LATENT_FACTOR}: write \`${near}\`.`;
        report('size/multiple', 'error', message, node, {
            ...part,
            fix: replace(`Round to ${near}`, node, near, part),
        });
        return false;
    }
    if (Math.max(width, height) > LARGEST_SIDE) {
        const message = `Sides are at most ${LARGEST_SIDE} pixels: make a smaller picture, and enlarge it in a \`print\`.`;
        report('size/large', 'error', message, node, part);
        return false;
    }
    return true;
}

function reportUnusual(clause: ast.SizeClause, generate: ast.Generate, report: Report): void {
    const facts = factsOf(usedModel(effective(generate)));
    if (!facts) return;
    const { width, height } = sizeOf(clause.value ?? '');
    const ratio = (width * height) / (facts.size.width * facts.size.height);
    const own = `${facts.size.width}x${facts.size.height}`;
    if (ratio > 2.5 || ratio < 0.4) {
        const message = `The model was made for ${own}: at ${clause.value} things tend to repeat or to fall apart.`;
        report('size/unusual', 'information', message, clause, {
            property: 'value',
            fix: replace(`Change to ${own}`, clause, own, { property: 'value' }),
        });
    }
}

function pixels(
    node: ast.MaskClause | ast.TilesClause | ast.DepthClause | ast.UpscaleClause,
    property: string,
    text: string | undefined,
    report: Report,
): void {
    if (text && quantityOf(text).unit !== 'px') {
        report('size/unit', 'error', 'This is measured in pixels of the picture: write `12px`.', node, { property });
    }
}

function reportOverlap(clause: ast.UpscaleClause, report: Report): void {
    const [tile, overlap] = [clause.tile?.text, clause.overlap?.text];
    if (tile && overlap && quantityOf(overlap).value * 2 > quantityOf(tile).value) {
        const message = 'Tiles overlap by less than half of their side: write a smaller overlap, or larger tiles.';
        report('tiles/overlap', 'error', message, clause, { property: 'overlap' });
    }
}
