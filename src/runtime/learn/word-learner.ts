/** Learns a word: vectors of the text encoder, everything else unchanged (https://arxiv.org/abs/2208.01618). */
import { stackRows, type Tensor, tensor } from '../tensor.ts';
import { promptTokens } from '../text/segments.ts';
import { bytesOf } from '../weights/parts.ts';
import { readTensor } from '../weights/read-tensor.ts';
import { LearnError } from './learn-error.ts';
import type { Learner, LearnerInput } from './learner.ts';
import { LESSON_PORTS, textLessonGraph, unetLessonGraph } from './lesson-graphs.ts';
import { lessonSession } from './lesson-session.ts';
import { policyOf } from './policy.ts';

const LEARNED = 'learned';

/** The vectors begin as those of the word that the target is like. */
export function wordLearner(
    { plan, model, shape, share, captions, threads }: LearnerInput,
    { word, like, vectors }: { readonly word: string; readonly like: string; readonly vectors: number },
): Learner {
    const { unet, textEncoder } = model.checkpoint;
    const { vocabSize, width, positions } = textEncoder.config;
    const start = startVectors(model, like, vectors);
    const own = new Map([[word, Array.from({ length: vectors }, (_, index) => vocabSize + index)]]);
    const sequences = new Map(captions.map((caption) => [caption, sequenceOf(caption)]));

    function sequenceOf(caption: string): readonly number[] {
        const ids = promptTokens(model.tokenizer, [{ text: caption, weight: 1 }], own).map(({ id }) => id);
        const framed = model.tokenizer.frame(ids);
        if (!framed.some((id) => id >= vocabSize)) {
            const message = `The caption "${caption}" does not say <${word}>; put it where "${like}" would be.`;
            throw new LearnError('learn/word', message);
        }
        return framed;
    }

    const graph = unetLessonGraph(unet, { ...shape, memory: policyOf(plan.memory), of: ['context'] });
    const options = threads === undefined ? {} : { threads };
    const forward = lessonSession(graph, { ...options, bytes: bytesOf(unet.weights) });
    const back = lessonSession(textLessonGraph(textEncoder, shape.rows, vectors), {
        ...options,
        bytes: bytesOf(textEncoder.weights),
    });
    return {
        start: new Map([[LEARNED, start]]),
        graph,
        async step({ captions: drawn, sample, target, waves }, values) {
            const learned = values.get(LEARNED)!;
            const rows = drawn.map((caption) => sequences.get(caption)!);
            // One after the other: a batch of long texts costs memory and is no faster.
            const states: Tensor[] = [];
            for (const row of rows) states.push(await model.encodeText([row], { learned }));
            const found = await forward.run({ sample, waves, context: stackRows(states), target, share });
            const ids = { ints: rows.flat(), dims: [rows.length, positions] };
            const { [LESSON_PORTS.gradient(LEARNED)]: gradient } = await back.run({
                ids,
                learned,
                g: found[LESSON_PORTS.gradient('context')]!,
            });
            return { losses: found[LESSON_PORTS.losses]!, gradients: new Map([[LEARNED, gradient!]]) };
        },
        file: (values) => ({
            // One vector has one axis, as diffusers writes it.
            tensors: new Map([
                [`<${word}>`, vectors === 1 ? tensor(values.get(LEARNED)!.data, [width]) : values.get(LEARNED)!],
            ]),
            metadata: { 'sdspec.like': like },
        }),
        async release() {
            await forward.release();
            await back.release();
        },
    };
}

/** The vector of the one token of `like`, once for each vector that is learnt: `[vectors, width]`. */
function startVectors(model: LearnerInput['model'], like: string, vectors: number): Tensor {
    const { textEncoder } = model.checkpoint;
    const { width } = textEncoder.config;
    const tokens = model.tokenizer.tokenize(like);
    if (tokens.length !== 1) {
        const parts = tokens.map(({ text }) => `"${text.trim()}"`).join(', ');
        const message = `"${like}" is ${tokens.length} tokens (${parts}) of this model's text encoder; name a kind that is one word.`;
        throw new LearnError('learn/word', message);
    }
    const { data } = readTensor(textEncoder.weights.tensors.get('embeddings.token_embedding.weight')!);
    const row = data.subarray(tokens[0]!.id * width, (tokens[0]!.id + 1) * width);
    return tensor(
        Float32Array.from({ length: vectors * width }, (_, at) => row[at % width]!),
        [vectors, width],
    );
}
