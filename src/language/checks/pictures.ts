/** Pictures: sources that lead to a picture, and mixtures that can be made. */
import type { AstNode } from 'langium';
import * as ast from '../generated/ast.ts';
import { isGlob } from '../linking/paths.ts';
import { effective } from '../meaning/inherit.ts';
import { imageBehind } from '../meaning/made-pictures.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

/** Whether a generate repaints a part: a strength of 1 is usual then. */
function masks(block: AstNode): boolean {
    if (!ast.isGenerate(block)) return false;
    return effective(block).some(({ setting }) => ast.isMaskClause(setting) || ast.isOutpaintClause(setting));
}

export const pictureChecks: Checks = {
    Image: (image, report) => {
        if (reportPictureCycle(image, report)) return;
        const pattern = writtenPath(image) ?? '';
        if (image.edges || pattern !== '') {
            if (image.digest && isGlob(pattern)) {
                const message =
                    "A set of pictures can't be pinned by one digest: pin a single picture, or leave it out.";
                report('digest/set', 'error', message, image, { property: 'digest' });
            }
            return;
        }
        report('file/empty', 'error', 'Write the path of the picture, relative to this file.', image, {
            property: 'source',
        });
    },
    Edges: reportSwapped,
    LearnControlNetClause: reportSwapped,
    StartClause: (clause, report) => {
        const weights = clause.pictures.map(({ weight }) => (weight ? known(weight) : 1));
        if (weights.length > 0 && weights.every((weight) => weight === 0)) {
            report('share/sum', 'error', 'All weights are 0: give at least one picture a weight above 0.', clause);
        }
        const sets = clause.pictures.some(({ picture }) => ast.isImage(picture.ref) && isSet(picture.ref));
        if (clause.mixing === 'spherical' && clause.pictures.length !== 2 && !sets) {
            const fix = replace('Change to `linear`', clause, 'linear', { property: 'mixing' });
            const message = 'Spherical mixing is made of two pictures: name two, or write `mixing linear`.';
            report('start/spherical', 'error', message, clause, { property: 'mixing', fix });
        } else if (clause.mixing && clause.pictures.length === 1 && !sets) {
            report('start/one', 'warning', 'One picture is not mixed: leave `mixing` out.', clause, {
                property: 'mixing',
            });
        }
        if (known(clause.strength) === 1 && !masks(clause.$container)) {
            const message =
                'A strength of 1 runs all steps, from noise over a faint trace of the picture: leave `start` out for noise alone, or write less to keep more.';
            report('start/all', 'information', message, clause, { property: 'strength' });
        }
    },
    MaskClause: (clause, report) => one(clause, clause.picture?.ref, 'A mask', report),
    ControlClause: (clause, report) => one(clause, clause.picture?.ref, 'A control', report),
    OfClause: (clause, report) => one(clause, clause.picture?.ref, 'This', report),
    PictureExpectation: (expectation, report) => {
        const source = expectation.picture?.ref;
        one(expectation, source, 'A comparison', report);
        if (!ast.isImage(source) || !source.edges) return;
        const message = 'Pictures are compared with a file or with what a generate makes, not with edges.';
        report('expect/picture', 'error', message, expectation, { property: 'picture' });
    },
    InfuseClause: (clause, report) => {
        if (clause.pictures.length === 1 && clause.pictures[0]?.share) {
            report(
                'share/one',
                'warning',
                'One picture needs no share; to infuse it more strongly write `weight`.',
                clause.pictures[0],
                { property: 'share' },
            );
        }
    },
};

/** Whether an image stands for several pictures. */
function isSet(image: ast.Image): boolean {
    const seen = new Set<ast.Image>();
    for (let at: ast.Image | undefined = image; at && !seen.has(at); at = imageBehind(at)) {
        if (isGlob(writtenPath(at) ?? '') || at.edges?.which?.word === 'all') return true;
        seen.add(at);
    }
    return false;
}

function one(
    node: ast.MaskClause | ast.ControlClause | ast.OfClause | ast.PictureExpectation,
    source: ast.PictureSource | undefined,
    what: string,
    report: Report,
): void {
    if (!ast.isImage(source) || !isSet(source)) return;
    report('image/one', 'error', `${what} takes one picture, but \`${source.name}\` is a set of them.`, node, {
        property: 'picture',
    });
}

/** Edges of edges show little more; a long chain of them is a slip. */
const MAX_EDGES = 16;

function reportPictureCycle(image: ast.Image, report: Report): boolean {
    const seen: ast.Image[] = [];
    for (let at: ast.Image | undefined = image; at; at = imageBehind(at)) {
        if (seen.includes(at)) {
            if (at !== image) return true;
            const names = [...seen, at].map(({ name }) => name).join(' → ');
            report(
                'image/cycle',
                'error',
                `A picture can't be made of itself: ${names}. Let one of them be a file.`,
                image,
                { property: 'edges' },
            );
            return true;
        }
        seen.push(at);
        if (seen.length > MAX_EDGES) {
            const message = `These are edges of edges of edges …, more than ${MAX_EDGES} times: take the edges of a picture.`;
            report('image/deep', 'error', message, image, { property: 'edges' });
            return true;
        }
    }
    return false;
}

/** Canny's thresholds: the low one is below the high one. */
function reportSwapped(edges: ast.Edges | ast.LearnControlNetClause, report: Report): void {
    const [low, high] = [known(edges.low), known(edges.high)];
    if (low === undefined || high === undefined || low < high) return;
    report('image/edges', 'error', 'The low threshold is below the high one: swap them.', edges, { property: 'low' });
}
