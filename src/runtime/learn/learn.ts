/** Learns a word, a LoRA, weights or a ControlNet from pictures: the one entry to learning. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digest } from '../../plan/digest.ts';
import { captionsOf, lessonGroups } from '../../plan/parts.ts';
import type { LearnPlan } from '../../plan/plan.ts';
import { tensor } from '../tensor.ts';
import { fileDigest } from '../weights/digest.ts';
import type { Values } from './adamw.ts';
import type { LearnContext, LearnOutcome } from './context.ts';
import { controlNetLearner } from './controlnet/controlnet-learner.ts';
import { runCourse } from './course.ts';
import { type DrawShares, openDrawer } from './draws.ts';
import { LearnError } from './learn-error.ts';
import { writeTensors } from './learn-state.ts';
import type { Learner, LearnerInput } from './learner.ts';
import { type Exhibit, readExhibits } from './lesson-pictures.ts';
import { checkMemory, checkSize } from './memory-check.ts';
import { unetLearner } from './unet-learner.ts';
import { wordLearner } from './word-learner.ts';

/**
 * Carries a learning out and returns where its result is. Draws depend on the seed and the step alone, so equal plans
 * give equal files, bit by bit, also after interruptions. Throws `LearnError`, and `RunError` `run/cancelled`.
 */
export async function learn(plan: LearnPlan, context: LearnContext): Promise<LearnOutcome> {
    const begin = performance.now();
    const { model, emit, folder, name } = context;
    if (model.checkpoint.isInpainting) {
        const message = `"${model.checkpoint.path}" is an inpainting model; learn with a model that makes whole pictures.`;
        throw new LearnError('learn/model', message);
    }
    await mkdir(folder, { recursive: true });
    const rows = plan.batch * (plan.beside ? 2 : 1);
    const share = Float32Array.from(
        { length: rows },
        (_, row) => (row < plan.batch ? 1 : plan.beside!.weight) / plan.batch,
    );
    const captions = lessonGroups(plan).flatMap(captionsOf).flat();
    reportLongCaptions(captions, context);

    emit({ kind: 'stage', stage: 'open' });
    const { textEncoder, pixelsPerLatent } = model.checkpoint;
    const input: LearnerInput = {
        plan,
        model,
        shape: {
            rows,
            height: plan.size.height / pixelsPerLatent,
            width: plan.size.width / pixelsPerLatent,
            tokens: textEncoder.config.positions,
        },
        share: tensor(share, [rows]),
        captions,
        ...(context.threads === undefined ? {} : { threads: context.threads }),
    };
    checkSize(input);
    const learner = openLearner(input);
    try {
        // Before pictures are read: what does not fit is reported at once.
        checkMemory(learner, plan, context);
        emit({ kind: 'stage', stage: 'encode' });
        const hint = plan.target.kind === 'controlnet' ? { hint: plan.target.hint } : {};
        const exhibits = await readExhibits(plan.from, { ...plan, ...hint }, context);
        const beside = plan.beside ? await readExhibits(plan.beside.pictures, { ...plan, ...hint }, context) : [];
        // The encoder of pictures is not needed again until pictures are traced.
        await model.release('vae');
        const sets = [exhibits, ...(plan.beside ? [beside] : [])];
        const drawer = openDrawer(
            model,
            plan.seed,
            sets.map((set) => ({ exhibits: set, rows: plan.batch })),
            SHARES[plan.target.kind],
        );
        const key = keyOf(plan, [...exhibits, ...beside], context);
        const write = async (file: string, step: number, values: Values) => {
            const { tensors, metadata } = learner.file(values);
            await writeTensors(file, tensors, { ...metadata, ...metadataOf(plan, key, step, captions, context) });
            return file;
        };
        const end = await runCourse({
            plan,
            learner,
            drawer,
            share,
            key,
            context,
            writeInterim: (step, values) =>
                write(join(folder, `${name}-${String(step).padStart(6, '0')}.safetensors`), step, values),
        });
        emit({ kind: 'stage', stage: 'save' });
        const { state } = end;
        const file = await write(join(folder, `${name}.safetensors`), state.step, state.values);
        return {
            kind: end.kind,
            file,
            sha256: await fileDigest(file),
            step: state.step,
            loss: state.history.mean(),
            lossByQuarter: state.history.quarters(),
            parameters: parametersOf(learner),
            resumed: state.resumed,
            seconds: (performance.now() - begin) / 1000,
            peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
        };
    } finally {
        await learner.release();
    }
}

/**
 * Where the U-Net itself is changed, guidance compares with what it makes of no caption. A ControlNet that has none learns to
 * read its hint (Zhang et al. 2023, https://arxiv.org/abs/2302.05543, section 3.3), and the layout that it is to set is
 * decided while there is much noise.
 */
const SHARES: Readonly<Record<LearnPlan['target']['kind'], DrawShares>> = {
    word: { uncaptioned: 0, early: 0 },
    lora: { uncaptioned: 0.1, early: 0 },
    weights: { uncaptioned: 0.1, early: 0 },
    controlnet: { uncaptioned: 0.5, early: 2 / 3 },
};

/** Counts changes of how a learning is carried out: a state of another kind is not continued. */
const METHOD = 5;

function openLearner(input: LearnerInput): Learner {
    const { target } = input.plan;
    switch (target.kind) {
        case 'word':
            return wordLearner(input, target);
        case 'controlnet':
            return controlNetLearner(input);
        case 'lora':
        case 'weights':
            return unetLearner(input, target);
    }
}

/** How many numbers are learnt. */
function parametersOf({ start }: Learner): number {
    return [...start.values()].reduce((sum, { data }) => sum + data.length, 0);
}

/** Everything that decides the numbers: plan, pictures as they are seen, captions, weights. */
function keyOf(plan: LearnPlan, exhibits: readonly Exhibit[], { modelDigests }: LearnContext): string {
    const { trace: _, from: __, beside, model: ___, ...settings } = plan;
    const pictures = exhibits.map(({ sha256, captions }) => ({ sha256, captions }));
    return digest({ method: METHOD, settings, weight: beside?.weight ?? 0, pictures, modelDigests });
}

/** What a file says about how it was made; `ss_…` are the names that kohya's scripts use. */
function metadataOf(
    plan: LearnPlan,
    key: string,
    step: number,
    captions: readonly string[],
    { modelDigests, name }: LearnContext,
): Readonly<Record<string, string>> {
    return {
        ss_output_name: name,
        ss_steps: String(step),
        ss_learning_rate: String(plan.rate),
        ss_batch_size_per_device: String(plan.batch),
        ss_seed: String(plan.seed),
        ss_resolution: `(${plan.size.width}, ${plan.size.height})`,
        'sdspec.learning': key,
        'sdspec.target': JSON.stringify(plan.target),
        'sdspec.steps': `${step} of ${plan.steps}`,
        'sdspec.captions': digest(captions),
        'sdspec.model': JSON.stringify(modelDigests),
    };
}

/** Words beyond what the text encoder reads are not learnt from: that is said, with the words. */
function reportLongCaptions(captions: readonly string[], { model, emit }: LearnContext): void {
    const limit = model.tokenizer.length - 2;
    for (const caption of new Set(captions)) {
        const tokens = model.tokenizer.tokenize(caption);
        if (tokens.length <= limit) continue;
        const lost = tokens
            .slice(limit)
            .map(({ text }) => text)
            .join('')
            .trim();
        emit({ kind: 'notice', text: `A caption is longer than ${limit} tokens; this is not read: "${lost}".` });
    }
}
