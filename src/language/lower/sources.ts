/** Files, models and pictures: names of the spec to references of the Plan. */
import type { AstNode, Reference } from 'langium';
import type { PictureSource, WeightedPicture } from '../../plan/plan.ts';
import { type MadeSource, withSeeds } from '../../plan/sources.ts';
import * as ast from '../generated/ast.ts';
import { isGlob, isUrl, manyFiles, specFolderOf } from '../linking/paths.ts';
import { boundValues } from '../meaning/bindings.ts';
import { EDGES } from '../meaning/defaults.ts';
import { noSuchSeed, severalSeeds } from '../meaning/made-pictures.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { amountOf, forMade, type Lowering, spend, valuesIn } from './context.ts';
import { fileRef, pathFrom } from './files.ts';
import { picturePlan } from './picture/picture.ts';

/** Where a spec names a picture: a clause, or what a sweep puts in its place. */
export interface PictureUse {
    readonly picture?: Reference<ast.PictureSource>;
    readonly which?: ast.WhichPicture;
}

/** The pictures that a name stands for: one, or all of a set. */
export function namedPictures(
    { picture, which }: PictureUse,
    at: AstNode,
    context: Lowering,
): readonly PictureSource[] {
    const source = picture?.ref;
    if (!source) return [];
    if (ast.isGenerate(source)) return madePictures(source, which, at, context);
    if (source.edges) return edgesOf(source.edges, at, context);
    const path = writtenPath(source, valuesIn(context)) ?? '';
    if (!isGlob(path)) return [{ kind: 'file', ...fileRef(source, context, path) }];
    return setOf(source, path, at, context);
}

/** Where one picture is needed, a set has one too many. */
export function onePicture(use: PictureUse, at: AstNode, context: Lowering): PictureSource | undefined {
    const pictures = namedPictures(use, at, context);
    if (pictures.length > 1) {
        const message = `One picture is needed here, but \`${use.picture?.$refText}\` is a set of ${pictures.length}.`;
        context.report('image/one', 'error', message, at);
    }
    return pictures[0];
}

/** Pictures with shares; the share of a set is divided among its pictures. */
export function weighted(use: PictureUse, share: number, at: AstNode, context: Lowering): readonly WeightedPicture[] {
    const pictures = namedPictures(use, at, context);
    return pictures.map((picture) => ({ picture, weight: share / pictures.length }));
}

function setOf(image: ast.Image, pattern: string, at: AstNode, context: Lowering): readonly PictureSource[] {
    if (!context.files) {
        const message = `The files of \`${image.name}\` can't be listed here: this host has no access to files.`;
        context.report('file/no-access', 'error', message, at);
        return [];
    }
    if (isUrl(pattern)) return [];
    const folder = specFolderOf(image);
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
    if (isOwnSource(edges)) return [];
    const low = edges.low ? amountOf(edges.low, context, 'edge') : EDGES.low;
    const high = edges.high ? amountOf(edges.high, context, 'edge') : EDGES.high;
    return namedPictures(edges, at, context).map((of) => ({ kind: 'edges', of, low, high }));
}

/** Whether the edges are, in the end, edges of themselves: reported by a check. */
function isOwnSource(edges: ast.Edges): boolean {
    const seen = new Set<ast.Edges>();
    for (let at: ast.Edges | undefined = edges; at; at = imageEdges(at)) {
        if (seen.has(at)) return at === edges;
        seen.add(at);
    }
    return false;
}

function imageEdges({ picture }: ast.Edges): ast.Edges | undefined {
    const source = picture.ref;
    return ast.isImage(source) ? source.edges : undefined;
}

/** Pictures of another generate: the one of a seed, all of them, or one for each seed of the picture being made. */
export function madePictures(
    generate: ast.Generate,
    which: ast.WhichPicture | 'each' | undefined,
    at: AstNode,
    context: Lowering,
): readonly MadeSource[] {
    if (context.making.includes(generate)) {
        const circle = [...context.making.slice(context.making.indexOf(generate)), generate].map((g) => g.name);
        const message = `A picture can't be made of itself: ${circle.join(' → ')}. Start from an image instead.`;
        context.report('image/cycle', 'error', message, at);
        return [];
    }
    if (!spend(1, at, context)) return [];
    const set = which === 'each' ? [] : (which?.bindings ?? []);
    const plan = picturePlan(generate, { ...forMade(context), boundHere: boundValues(set) });
    const made = (seeds: readonly number[]): MadeSource => ({
        kind: 'made',
        name: generate.name,
        plan: withSeeds(plan, seeds),
    });
    // The picture that this one is used in fills in its own seeds.
    if (which === 'each' || which?.word === 'each') return [{ ...made(plan.seeds), each: true }];
    if (which?.word === 'all' && !spend(plan.seeds.length, at, context)) return [];
    if (which?.word === 'all') return plan.seeds.map((seed) => made([seed]));
    if (which?.seed) {
        const seed = amountOf(which.seed, context, plan.noise.kind === 'philox' ? 'philoxSeed' : 'seed');
        if (!plan.seeds.includes(seed)) {
            context.report('made/seed', 'error', noSuchSeed(generate.name, [seed], plan.seeds), at);
        }
        return [made([seed])];
    }
    if (plan.seeds.length > 1) context.report('made/several', 'error', severalSeeds(generate.name, plan.seeds), at);
    return [made(plan.seeds.slice(0, 1))];
}
