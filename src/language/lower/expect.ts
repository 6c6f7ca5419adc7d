/** `expect` blocks to expectations, and what a sweep measures. */
import { AstUtils, type Reference } from 'langium';
import type { PictureSource } from '../../plan/plan.ts';
import type { Expectation, Measure, Measuring } from '../../plan/run.ts';
import * as ast from '../generated/ast.ts';
import { PHASH_WITHIN } from '../meaning/defaults.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { secondsOf, writtenDigest } from '../meaning/values.ts';
import { isWhole } from '../meaning/whole.ts';
import { axisName } from './axes.ts';
import { forMade, type Lowering, valuesIn } from './context.ts';
import { fileRef } from './files.ts';
import { picturePlan } from './picture/picture.ts';
import { madePictures, onePicture } from './sources.ts';

export function expectationsOf(runnable: ast.Runnable, context: Lowering): readonly Expectation[] {
    return expectBlocks(runnable).flatMap((block) =>
        block.checks.flatMap((check) => expectationOf(check, block.each, context)),
    );
}

function expectBlocks(runnable: ast.Runnable): readonly ast.ExpectClause[] {
    const parts: readonly ast.SdspecAstType[keyof ast.SdspecAstType][] = ast.isSweep(runnable)
        ? runnable.items
        : runnable.settings;
    return parts.filter(ast.isExpectClause);
}

function expectationOf(check: ast.Expectation, isEach: boolean, context: Lowering): readonly Expectation[] {
    const each = isEach ? { each: true as const } : {};
    if (ast.isTimeExpectation(check)) return [{ kind: 'time', atMostSeconds: secondsOf(check.limit) }];
    if (ast.isLossExpectation(check)) return [{ kind: 'loss', atMost: check.atMost }];
    if (ast.isMeasureExpectation(check)) {
        const { measure, atLeast, atMost } = check;
        if (!isEach) return [];
        const limits = { ...(atLeast === undefined ? {} : { atLeast }), ...(atMost === undefined ? {} : { atMost }) };
        return [{ kind: 'measure', measure: measureName(measure), ...limits, each: true }];
    }
    if (check.digest) {
        const { kind, hex } = writtenDigest(check.digest);
        return [
            kind === 'sha256'
                ? { kind, sha256: hex }
                : { kind, phash: hex, within: check.within ?? PHASH_WITHIN, ...each },
        ];
    }
    const source = check.picture?.ref;
    if (!source || !check.metric || check.atLeast === undefined) return [];
    const to = ast.isGenerate(source) ? madePictures(source, check.which, check, context)[0] : fileOf(source, context);
    return to ? [{ kind: check.metric, to, atLeast: check.atLeast, ...each }] : [];
}

function fileOf(image: ast.Image, context: Lowering) {
    return fileRef(image, context, writtenPath(image, valuesIn(context)));
}

// ── Measures ───────────────────────────────────────────────────────────

/** What a sweep measures: its `measure` clauses, and what it expects of measures; undefined where it is nothing. */
export function measuringOf(runnable: ast.Runnable, context: Lowering): Measuring | undefined {
    if (!ast.isSweep(runnable)) return undefined;
    const listed = runnable.items.filter(ast.isMeasureClause).flatMap(({ measures }) => measures);
    const expected = expectBlocks(runnable).flatMap(({ each, checks }) =>
        each ? checks.filter(ast.isMeasureExpectation).map(({ measure }) => measure) : [],
    );
    const nodes = [...listed, ...expected].filter((measure) => isWhole(measure));
    const byName = new Map(nodes.map((measure) => [measureName(measure), measure]));
    const measures = [...byName.values()].flatMap((measure) => measureOf(measure, context) ?? []);
    if (measures.length === 0) return undefined;
    const mean = meanAxis(runnable);
    return { measures, ...(mean === undefined ? {} : { mean }) };
}

/** As tables and expectations name a measure: its words. */
export function measureName({ kind, picture, from, label }: ast.Measure): string {
    const to = picture ? `${kind === 'towards' ? '' : 'to '}${picture.$refText}` : label;
    return [kind, to, from && `from ${from.$refText}`].filter(Boolean).join(' ');
}

/** The axis that means are taken over: a written one, or the seeds of the subject. */
function meanAxis(sweep: ast.Sweep): string | undefined {
    const wanted = sweep.items.find(ast.isMeanClause)?.axis;
    if (wanted === undefined) return undefined;
    const names = sweep.items
        .filter(ast.isAxis)
        .filter((axis) => isWhole(axis))
        .map(axisName);
    return names.find((name) => name === wanted || name.startsWith(`${wanted} `)) ?? wanted;
}

function measureOf(measure: ast.Measure, context: Lowering): Measure | undefined {
    const name = measureName(measure);
    const to = measure.picture && referenceOf(measure.picture, measure, context);
    const from = measure.from && referenceOf(measure.from, measure, context);
    const beginning = from ? { from } : {};
    switch (measure.kind) {
        case 'moved':
            return { name, kind: 'moved', ...beginning };
        case 'towards':
            return to && { name, kind: 'towards', to, ...beginning };
        case 'subject':
            return { name, kind: 'subject', label: measure.label ?? '' };
        default:
            return to && { name, kind: measure.kind, to };
    }
}

/** A picture to compare with. One that the spec makes has all of its seeds: each cell takes that of its own. */
function referenceOf(
    picture: Reference<ast.PictureSource>,
    at: ast.Measure,
    context: Lowering,
): PictureSource | undefined {
    const source = picture.ref;
    if (!ast.isGenerate(source)) return onePicture({ picture }, at, context);
    return { kind: 'made', name: source.name, plan: picturePlan(source, forMade(context)) };
}

/** The sweep that a measure is of. */
export function sweepOfMeasure(measure: ast.Measure): ast.Sweep | undefined {
    return AstUtils.getContainerOfType(measure, ast.isSweep);
}
