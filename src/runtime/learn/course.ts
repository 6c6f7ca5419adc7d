/** The course of a learning: step after step, with its state on disk, its curve, and its ends. */
import { join } from 'node:path';
import type { LearnPlan } from '../../plan/plan.ts';
import { RunError } from '../run-error.ts';
import { writeWhole } from '../write-whole.ts';
import { adamW, normOf, rateAt, type Values, zeroMoments } from './adamw.ts';
import type { LearnContext } from './context.ts';
import type { Drawer } from './draws.ts';
import { LearnError } from './learn-error.ts';
import { type LearnState, loadState, saveState } from './learn-state.ts';
import type { Learner } from './learner.ts';
import { LossHistory } from './loss-history.ts';

export interface Course {
    readonly plan: LearnPlan;
    readonly learner: Learner;
    readonly drawer: Drawer;
    /** Weights of the rows in the loss. */
    readonly share: Float32Array;
    /** Digest of everything that decides the numbers: a state of another learning is not continued. */
    readonly key: string;
    readonly context: LearnContext;
    /** Writes what is learnt after some steps beside the result; returns the file. */
    readonly writeInterim: (step: number, values: Values) => Promise<string>;
}

export interface CourseEnd {
    readonly kind: 'done' | 'kept';
    readonly state: LearnState;
}

/** A state is saved after so many steps or so much time, whichever comes first. When it is saved changes no number. */
const STATE_STEPS = 50;
const STATE_MILLISECONDS = 60_000;

/**
 * Runs until all steps are done, or the user keeps what is learnt. Throws `run/cancelled` with the state saved, and
 * `learn/diverged` with the last good values written to a file of their own.
 */
export async function runCourse(course: Course): Promise<CourseEnd> {
    const { plan, learner, drawer, share, key, context, writeInterim } = course;
    const stateFile = join(context.folder, 'learn.state');
    const before = loadState(stateFile, key, learner.start, drawer.times);
    let state: LearnState = before
        ? { ...before, resumed: before.resumed + (before.step < plan.steps ? 1 : 0) }
        : firstState(learner, drawer.times);
    if (before) {
        const text = `Continuing after step ${before.step} of ${plan.steps}.`;
        if (before.step < plan.steps) context.emit({ kind: 'notice', text });
    }
    const pace = pacer();
    const save = async () => {
        await saveState(stateFile, key, state);
        await writeWhole(join(context.folder, 'curve.csv'), state.history.toCsv());
    };

    let saved = { step: state.step, at: performance.now() };
    while (state.step < plan.steps) {
        if (context.signal.aborted) {
            await save();
            throw new RunError('run/cancelled', 'Stopped.');
        }
        if (context.keep?.aborted) break;
        const { step } = state;
        const draw = drawer.draw(step);
        const { losses, gradients } = await learner.step(draw, state.values);
        const loss = losses.data.reduce((sum, value, row) => sum + value * share[row]!, 0);
        const norm = normOf(gradients);
        if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
            throw await diverged(
                course,
                stateFile,
                step,
                `The ${Number.isFinite(loss) ? 'gradient' : 'loss'} of step ${step + 1} is not a number`,
            );
        }
        adamW(state.values, gradients, state.moments, norm, {
            step,
            rate: rateAt(step, plan),
            decay: plan.decay,
            clip: plan.clip,
            ...(learner.rateOf && { rateOf: learner.rateOf }),
        });
        state.history.add({ loss, norm, times: draw.times, rows: [...losses.data] });
        state = { ...state, step: step + 1 };
        if (isRuined(state.history, share)) {
            const fall = `from ${state.history.mean(1, 1).toFixed(3)} to ${state.history.mean().toFixed(3)}`;
            const what = `The loss went ${fall} within ${step + 1} steps, no better than predicting nothing`;
            throw await diverged(course, stateFile, step, what);
        }
        if (state.history.rises) {
            const rise = `from ${lowest(state.history).toFixed(3)} to ${state.history.mean().toFixed(3)}`;
            throw await diverged(course, stateFile, step, `The loss rose ${rise} by step ${step + 1}`);
        }
        context.emit({ kind: 'progress', ...progressOf(state, plan, norm, pace()) });

        const isTraced = plan.trace && (state.step % plan.trace.every === 0 || state.step === plan.steps);
        const isDue = state.step - saved.step >= STATE_STEPS || performance.now() - saved.at >= STATE_MILLISECONDS;
        if (isDue || isTraced || state.step === plan.steps) {
            await save();
            saved = { step: state.step, at: performance.now() };
        }
        if (isTraced && context.trace) {
            const file = await writeInterim(state.step, state.values);
            await learner.release();
            await context.trace(state.step, file);
            pace();
        }
    }
    if (state.step < plan.steps) await save();
    return { kind: state.step < plan.steps ? 'kept' : 'done', state };
}

function firstState(learner: Learner, times: number): LearnState {
    // Copies, since the values are changed in place.
    const values = new Map([...learner.start].map(([name, { data, dims }]) => [name, { data: data.slice(), dims }]));
    return { step: 0, values, moments: zeroMoments(values), history: new LossHistory(times), resumed: 0 };
}

/** Writes the last saved state's values to a file of their own, and says where they are and what to change. */
async function diverged(course: Course, stateFile: string, step: number, what: string): Promise<LearnError> {
    const { plan, learner, drawer, key, writeInterim } = course;
    const good = loadState(stateFile, key, learner.start, drawer.times);
    const kept = good && good.step > 0 && good.step <= step ? await writeInterim(good.step, good.values) : undefined;
    const where = kept ? ` What was learnt by step ${good!.step} is kept in ${kept}.` : '';
    return new LearnError(
        'learn/diverged',
        `${what}: the rate ${plan.rate} is too high. Write a smaller one, such as ${Number((plan.rate / 4).toPrecision(1))}.${where}`,
    );
}

/** The first steps after which a learning that went wrong at once is recognised: it has no low loss to rise from. */
const RUINED_AFTER = 50;

/**
 * Whether the first steps left a model that predicts no better than nothing, whose error is 1 per row, since noise and
 * velocity have unit variance, though it began better.
 */
function isRuined(history: LossHistory, share: Float32Array): boolean {
    if (history.length !== RUINED_AFTER) return false;
    const nothing = share.reduce((sum, value) => sum + value, 0);
    return history.mean() > Math.max(0.95 * nothing, 2 * history.mean(1, 1));
}

function lowest(history: LossHistory): number {
    let least = Number.POSITIVE_INFINITY;
    for (let end = 50; end <= history.length; end += 10) least = Math.min(least, history.mean(end));
    return least;
}

/** Milliseconds per step, averaged so that a hiccup of the machine fades within some steps. */
function pacer(): () => number {
    let last = performance.now();
    let mean: number | undefined;
    return () => {
        const now = performance.now();
        mean = mean === undefined ? now - last : 0.9 * mean + 0.1 * (now - last);
        last = now;
        return mean;
    };
}

function progressOf({ step, history }: LearnState, { steps }: LearnPlan, norm: number, milliseconds: number) {
    return {
        step,
        steps,
        loss: history.mean(),
        lossByQuarter: history.quarters(),
        gradientNorm: norm,
        millisecondsPerStep: milliseconds,
        secondsLeft: ((steps - step) * milliseconds) / 1000,
    };
}
