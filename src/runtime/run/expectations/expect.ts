/** Expectations: whether pictures are what the spec says they are. */
import { join } from 'node:path';
import { assertNever } from '../../../plan/problem.ts';
import type { Expectation } from '../../../plan/run.ts';
import { type MadeSource, withSeeds } from '../../../plan/sources.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { pathOf } from '../inputs/inputs.ts';
import type { LockEntry } from '../lock/lock.ts';
import { environmentOf } from '../machine.ts';
import type { ExpectationResult, RecordedPicture, RunRecord } from '../record.ts';

/** How pictures are compared. */
export interface Comparison {
    /** As a mask, transparency has a meaning of its own. */
    readPicture(file: string, as?: 'picture' | 'mask'): Promise<Rgb>;
    ssim(a: Rgb, b: Rgb): number;
    psnr(a: Rgb, b: Rgb): number;
    /** How many of the 64 bits of two perceptual hashes differ. */
    phashDistance(a: string, b: string): number;
}

export interface Verdicts {
    readonly record: RunRecord;
    /** The run's folder and the spec's folder, absolute. */
    readonly folder: string;
    readonly base: string;
    readonly lock: readonly LockEntry[];
    /** The file of a picture that the spec makes, which is made where it is not there yet. */
    readonly makeSource: (source: MadeSource) => Promise<string>;
}

/** Judges a finished run. Expectations about a picture speak of the first one, or of each. */
export async function judge(
    expectations: readonly Expectation[],
    judged: Verdicts,
    comparison: Comparison,
): Promise<readonly ExpectationResult[]> {
    const results: ExpectationResult[] = [];
    for (const expectation of expectations) results.push(await judgeOne(expectation, judged, comparison));
    return results;
}

async function judgeOne(
    expectation: Expectation,
    judged: Verdicts,
    comparison: Comparison,
): Promise<ExpectationResult> {
    if (expectation.kind === 'time') return judgeTime(expectation, judged.record);
    if (expectation.kind === 'loss') return judgeLoss(expectation, judged.record);
    const { pictures } = judged.record;
    const [picture] = pictures;
    if (!picture) return { expectation, verdict: 'missed', message: 'There is no picture.' };
    if (expectation.kind === 'measure') return judgeMeasure(expectation, judged.record);
    if (expectation.kind !== 'sha256' && expectation.each) {
        return judgeEach(expectation, judged, (one) => judgePicture(expectation, one, judged, comparison));
    }
    return judgePicture(expectation, picture, judged, comparison);
}

type OfPicture = Extract<Expectation, { kind: 'sha256' | 'phash' | 'ssim' | 'psnr' }>;

async function judgePicture(
    expectation: OfPicture,
    picture: RecordedPicture,
    judged: Verdicts,
    comparison: Comparison,
): Promise<ExpectationResult> {
    const actual = join(judged.folder, picture.file);
    switch (expectation.kind) {
        case 'sha256':
            return { ...judgeDigest(expectation, picture, judged), actual };
        case 'phash': {
            const distance = comparison.phashDistance(picture.phash, expectation.phash);
            const found = `The picture's phash ${picture.phash} differs in ${distance} of 64 bits from ${expectation.phash}`;
            return {
                ...result(expectation, distance <= expectation.within, `${found}; allowed are ${expectation.within}.`),
                actual,
            };
        }
        case 'ssim':
        case 'psnr':
            return judgeLikeness(expectation, { actual, seed: picture.seed }, judged, comparison);
        default:
            return assertNever(expectation);
    }
}

/** So many pictures that miss an expectation are named. */
const MAX_NAMED = 5;

/** All pictures of a run by one expectation; those that miss it are named, and the first of them can be looked at. */
async function judgeEach(
    expectation: Expectation,
    { record }: Verdicts,
    judge: (picture: RecordedPicture) => Promise<ExpectationResult>,
): Promise<ExpectationResult> {
    const missed: { readonly picture: RecordedPicture; readonly result: ExpectationResult }[] = [];
    for (const picture of record.pictures) {
        const result = await judge(picture);
        if (result.verdict === 'missed') missed.push({ picture, result });
    }
    const count = record.pictures.length;
    const [first] = missed;
    if (!first) return { expectation, verdict: 'met', message: `Each of ${count} pictures is as expected.` };
    const named = missed
        .slice(0, MAX_NAMED)
        .map(({ picture, result }) => `${nameOfPicture(picture)}: ${result.message}`);
    const { actual, expected } = first.result;
    return {
        expectation,
        verdict: 'missed',
        message: `${missed.length} of ${count} pictures are not as expected. ${named.join(' ')}${andMore(missed.length)}`,
        ...(actual === undefined ? {} : { actual }),
        ...(expected === undefined ? {} : { expected }),
    };
}

function judgeMeasure(
    expectation: Extract<Expectation, { kind: 'measure' }>,
    { measures, pictures }: RunRecord,
): ExpectationResult {
    const { measure, atLeast = -Infinity, atMost = Infinity } = expectation;
    const at = measures?.names.indexOf(measure) ?? -1;
    if (!measures || at < 0) return { expectation, verdict: 'missed', message: `Nothing measured ${measure}.` };
    const values = measures.cells.map(({ cell, values: all }) => ({ cell, value: all[at] ?? null }));
    const missed = values.filter(({ value }) => value === null || value < atLeast || value > atMost);
    const rule = expectation.atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    if (missed.length === 0) {
        const numbers = values.flatMap(({ value }) => value ?? []);
        const extent = `${figure(Math.min(...numbers))} to ${figure(Math.max(...numbers))}`;
        return {
            expectation,
            verdict: 'met',
            message: `${measure} is ${rule} in each of ${values.length} pictures: ${extent}.`,
        };
    }
    const named = missed.slice(0, MAX_NAMED).map(({ cell, value }) => {
        const picture = pictures.find((one) => one.cell === cell);
        return `${picture ? nameOfPicture(picture) : cell + 1}: ${value === null ? 'no number' : figure(value)}`;
    });
    const message = `${measure} is not ${rule} in ${missed.length} of ${values.length} pictures. ${named.join('; ')}.${andMore(missed.length)}`;
    return { expectation, verdict: 'missed', message };
}

function nameOfPicture({ labels, seed }: RecordedPicture): string {
    return labels
        ? Object.entries(labels)
              .map((pair) => pair.join(' '))
              .join(', ')
        : `seed ${seed}`;
}

function andMore(count: number): string {
    return count > MAX_NAMED ? ` And ${count - MAX_NAMED} more.` : '';
}

function figure(value: number): string {
    return String(Number(value.toPrecision(4)));
}

function judgeTime(
    expectation: Extract<Expectation, { kind: 'time' }>,
    { seconds, pictures, learnt }: RunRecord,
): ExpectationResult {
    if (pictures.length === 0 && !learnt) return { expectation, verdict: 'missed', message: 'There is no picture.' };
    const message = `The run took ${seconds.toFixed(1)} s; allowed are ${expectation.atMostSeconds} s.`;
    return result(expectation, seconds <= expectation.atMostSeconds, message);
}

function judgeLoss(expectation: Extract<Expectation, { kind: 'loss' }>, { learnt }: RunRecord): ExpectationResult {
    if (!learnt) return { expectation, verdict: 'missed', message: 'Nothing was learnt.' };
    const found = `The mean loss of the last 50 steps is ${learnt.loss.toFixed(4)}`;
    return result(expectation, learnt.loss <= expectation.atMost, `${found}; allowed is ${expectation.atMost}.`);
}

/** Equal bits are promised within one environment only, so a difference is a miss only where the lock knows it. */
function judgeDigest(
    expectation: Extract<Expectation, { kind: 'sha256' }>,
    picture: RecordedPicture,
    { record, lock }: Verdicts,
): ExpectationResult {
    if (picture.sha256 === expectation.sha256)
        return result(expectation, true, 'The pixels are exactly the expected ones.');
    const here = environmentOf(record);
    const made = lock.filter((entry) => entry.kind === 'output' && entry.sha256 === expectation.sha256);
    const elsewhere = made.find((entry) => entry.kind === 'output' && entry.environment !== here);
    if (elsewhere?.kind === 'output' && !made.some((entry) => entry.kind === 'output' && entry.environment === here)) {
        const message = `Skipped: the digest was made on "${elsewhere.environment}"; this is "${here}", where the last bits may differ.`;
        return { expectation, verdict: 'skipped', message };
    }
    const found = `The pixels' digest is sha256:${picture.sha256}, not sha256:${expectation.sha256}.`;
    const hint = made.length > 0 ? '' : ' If it was made on another machine, let `sdspec lock` note it there.';
    return result(expectation, false, found + hint);
}

async function judgeLikeness(
    expectation: Extract<Expectation, { kind: 'ssim' | 'psnr' }>,
    { actual, seed }: { readonly actual: string; readonly seed: number },
    { base, makeSource }: Verdicts,
    comparison: Comparison,
): Promise<ExpectationResult> {
    const { to } = expectation;
    const name = 'path' in to ? to.path : to.name;
    const expected = 'path' in to ? pathOf(base, to.path) : await makeSource(pairedWith(to, seed));
    const [a, b] = [await comparison.readPicture(actual), await comparison.readPicture(expected)];
    if (a.width !== b.width || a.height !== b.height) {
        const sizes = `${a.width}x${a.height}, but ${name} is ${b.width}x${b.height}`;
        return { ...result(expectation, false, `The picture is ${sizes}: they can't be compared.`), actual, expected };
    }
    const value = expectation.kind === 'ssim' ? comparison.ssim(a, b) : comparison.psnr(a, b);
    const found = `${expectation.kind.toUpperCase()} to ${name} is ${value.toFixed(4)}; at least ${expectation.atLeast} is expected.`;
    return { ...result(expectation, value >= expectation.atLeast, found), actual, expected };
}

/** Seed by seed: the picture that is made with the seed of the judged one. */
function pairedWith(source: MadeSource, seed: number): MadeSource {
    return source.each ? { ...source, plan: withSeeds(source.plan, [seed]) } : source;
}

function result(expectation: Expectation, met: boolean, message: string): ExpectationResult {
    return { expectation, verdict: met ? 'met' : 'missed', message };
}
