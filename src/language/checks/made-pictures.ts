/** Pictures of a generate: which one is meant where it makes several, and whether it makes that one. */
import { type AstNode, AstUtils } from 'langium';
import type { Place } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { MAX_SEEDS } from '../lower/picture/sampling.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { noSuchSeed, severalSeeds } from '../meaning/made-pictures.ts';
import { placeAt, type Report } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

type Use =
    | ast.StartPicture
    | ast.InfusedPicture
    | ast.PictureChoice
    | ast.MaskClause
    | ast.ControlClause
    | ast.OfClause
    | ast.Edges
    | ast.LearnTraceClause
    | ast.PictureExpectation;

/** What a place takes of a generate that makes several pictures. */
type Takes = 'one' | 'one each' | 'any';

export const madePictureChecks: Checks = {
    StartPicture: (use, report) => checkUse(use, 'any', report),
    InfusedPicture: (use, report) => checkUse(use, 'any', report),
    PictureChoice: (use, report) => checkUse(use, 'any', report),
    Edges: (use, report) => checkUse(use, 'any', report),
    MaskClause: (use, report) => checkUse(use, 'one each', report),
    ControlClause: (use, report) => checkUse(use, 'one each', report),
    LearnTraceClause: (use, report) => checkUse(use, 'one', report),
    PictureExpectation: (use, report) => checkUse(use, 'one each', report),
    OfClause: (use, report) => checkUse(use, 'one', report),
};

function checkUse(use: Use, takes: Takes, report: Report): void {
    const { picture, which } = use;
    const source = picture?.ref;
    if (!source) return;
    if (ast.isImage(source)) {
        if (!which) return;
        const message = `\`${source.name}\` is an image: \`${which.$cstNode?.text ?? 'each'}\` says which picture of a generate is meant. Leave it out.`;
        const where = behindName(use, which);
        report(
            'made/image',
            'error',
            message,
            which,
            where ? { fix: { title: 'Leave it out', where, newText: '' } } : {},
        );
        return;
    }
    const seeds = knownSeeds(source);
    if (!seeds) return;
    if (!which?.word && !which?.seed) {
        if (seeds.length > 1) reportSeveral(use, source, seeds, takes, report);
        return;
    }
    if (takes === 'one' && which.word === 'each') {
        const message = `One picture is needed here: write \`${source.name} with seed ${seeds[0]}\`.`;
        report('image/one', 'error', message, which);
    } else if (takes !== 'any' && which.word === 'all' && seeds.length > 1) {
        const message = `One picture is needed here, but \`${source.name}\` makes ${seeds.length}: write \`each\` or \`with seed ${seeds[0]}\`.`;
        report('image/one', 'error', message, which);
    } else reportSeeds(use, which, source, seeds, report);
}

function reportSeveral(use: Use, source: ast.Generate, seeds: readonly number[], takes: Takes, report: Report): void {
    const own = ownSeeds(use);
    const pairs = own?.every((seed) => seeds.includes(seed)) ?? false;
    const each = takes !== 'one' && pairs ? 'each' : `with seed ${seeds[0]}`;
    // As with a set of files, the mean of all is infused.
    const word = ast.isInfusedPicture(use) ? 'all' : each;
    const where = behindName(use);
    const fix = where && { title: `Write \`${source.name} ${word}\``, where, newText: ` ${word}` };
    report('made/several', 'error', severalSeeds(source.name, seeds), use, {
        property: 'picture',
        ...(fix ? { fix } : {}),
    });
}

/** Seeds that are asked for are among those that the generate makes. */
function reportSeeds(
    use: Use,
    which: ast.WhichPicture,
    source: ast.Generate,
    seeds: readonly number[],
    report: Report,
): void {
    const asked = which.word === 'each' ? (ownSeeds(use) ?? []) : which.seed ? [known(which.seed)] : [];
    const missing = asked.filter((seed) => seed !== undefined && !seeds.includes(seed)) as number[];
    if (missing.length === 0) return;
    const advice = which.word === 'each' ? ' Give both the same seeds.' : '';
    report('made/seed', 'error', noSuchSeed(source.name, missing, seeds) + advice, which);
}

/** The seeds of the generate that a clause is in; a sweep may vary those of its subject. */
function ownSeeds(use: Use): readonly number[] | undefined {
    const generate = AstUtils.getContainerOfType(use, ast.isGenerate);
    return generate && knownSeeds(generate);
}

/** The seeds of a generate, as far as they are written or are params with a number. */
function knownSeeds(generate: ast.Generate): readonly number[] | undefined {
    const clause = settingOf(effective(generate), ast.isSeedClause);
    if (!clause) return [DEFAULTS.seed];
    const seeds: number[] = [];
    for (const { from, to } of clause.items) {
        const first = known(from);
        const last = to ? known(to) : first;
        if (first === undefined || last === undefined || Number.isNaN(first + last)) return undefined;
        for (let seed = first; seed <= last && seeds.length < MAX_SEEDS; seed++) seeds.push(seed);
    }
    return seeds;
}

/** From the end of the picture's name to the end of what follows it, if anything does. */
function behindName(use: Pick<Use, 'picture'>, after?: AstNode): Place | undefined {
    const node = use.picture?.$refNode;
    if (!node) return undefined;
    const { end } = node.range;
    const to = after?.$cstNode?.range.end ?? end;
    return placeAt(AstUtils.getDocument(node.astNode).uri.toString(), { start: end, end: to });
}
