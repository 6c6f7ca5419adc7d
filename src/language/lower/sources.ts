/** Files, models and pictures: names of the spec to references of the Plan. */
import { type AstNode, AstUtils, UriUtils } from 'langium';
import type { PictureSource, WeightedPicture } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { isGlob, isUrl, manyFiles } from '../linking/paths.ts';
import { EDGES } from '../meaning/defaults.ts';
import { forMade, type Lowering, spend } from './context.ts';
import { fileRef, pathFrom } from './files.ts';
import { picturePlan } from './picture.ts';

/** The pictures that a name stands for: one, or all of a set. */
export function namedPictures(
    source: ast.PictureSource | undefined,
    at: AstNode,
    context: Lowering,
): readonly PictureSource[] {
    if (!source) return [];
    if (ast.isGenerate(source)) return made(source, at, context);
    if (source.edges) return edgesOf(source.edges, at, context);
    const path = source.source ?? '';
    if (!isGlob(path)) return [{ kind: 'file', ...fileRef(source, context) }];
    return setOf(source, path, at, context);
}

/** Where one picture is needed, a set has one too many. */
export function onePicture(
    source: ast.PictureSource | undefined,
    at: AstNode,
    context: Lowering,
): PictureSource | undefined {
    const pictures = namedPictures(source, at, context);
    if (pictures.length > 1) {
        const message = `One picture is needed here, but \`${source?.name}\` is a set of ${pictures.length}.`;
        context.report('image/one', 'error', message, at);
    }
    return pictures[0];
}

/** Pictures with shares; the share of a set is divided among its pictures. */
export function weighted(
    source: ast.PictureSource | undefined,
    share: number,
    at: AstNode,
    context: Lowering,
): readonly WeightedPicture[] {
    const pictures = namedPictures(source, at, context);
    return pictures.map((picture) => ({ picture, weight: share / pictures.length }));
}

function setOf(image: ast.Image, pattern: string, at: AstNode, context: Lowering): readonly PictureSource[] {
    if (!context.files) {
        const message = `The files of \`${image.name}\` can't be listed here: this host has no access to files.`;
        context.report('file/no-access', 'error', message, at);
        return [];
    }
    if (isUrl(pattern)) return [];
    const folder = UriUtils.dirname(AstUtils.getDocument(image).uri);
    const found = context.files.glob(folder.toString(), pattern);
    if (!found) {
        context.report('file/many', 'error', manyFiles(pattern), image, { property: 'source' });
        return [];
    }
    if (found.length === 0) {
        const message = `No picture fits "${pattern}": check the path, which is relative to the spec's folder.`;
        context.report('file/missing', 'error', message, image, { property: 'source' });
    }
    return found.map((path) => ({ kind: 'file', path: pathFrom(image, path, context) }));
}

function edgesOf(edges: ast.Edges, at: AstNode, context: Lowering): readonly PictureSource[] {
    const image = edges.picture.ref;
    if (!image || isOwnSource(image, edges)) return [];
    const { low = EDGES.low, high = EDGES.high } = edges;
    return namedPictures(image, at, context).map((of) => ({ kind: 'edges', of, low, high }));
}

/** Whether the edges are, in the end, edges of themselves: reported by a check. */
function isOwnSource(image: ast.Image, edges: ast.Edges): boolean {
    const seen = new Set<ast.Image>();
    for (let at: ast.Image | undefined = image; at && !seen.has(at); at = at.edges?.picture?.ref) {
        if (at.edges === edges) return true;
        seen.add(at);
    }
    return false;
}

/** The first picture of another generate. */
function made(generate: ast.Generate, at: AstNode, context: Lowering): readonly PictureSource[] {
    if (context.making.includes(generate)) {
        const circle = [...context.making.slice(context.making.indexOf(generate)), generate].map((g) => g.name);
        const message = `A picture can't be made of itself: ${circle.join(' → ')}. Start from an image instead.`;
        context.report('image/cycle', 'error', message, at);
        return [];
    }
    if (!spend(1, at, context)) return [];
    const plan = picturePlan(generate, forMade(context));
    return [{ kind: 'made', name: generate.name, plan: { ...plan, seeds: plan.seeds.slice(0, 1) } }];
}
