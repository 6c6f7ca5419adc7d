/** Heat maps of words: learned words have their own, move no other word's, and words that no prompt has are reported. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Trace } from '../../../src/plan/plan.ts';
import type { TraceFrame } from '../../../src/runtime/events.ts';
import { generate } from '../../../src/runtime/generate.ts';
import { plain } from '../../../src/runtime/pictures/picture.ts';
import { tensor } from '../../../src/runtime/tensor.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { casePlan, nanoModel } from '../../parity/plans.ts';

const ROOT = join(import.meta.dirname, '../../goldens');
const SCHEDULER = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear', steps_offset: 1 };
const model = await nanoModel(ROOT, 'nano-sd15', SCHEDULER);

/** A learned word that is the word "castle": pictures and maps are those of the prompt with that word. */
function castle() {
    const { data, dims } = readTensor(
        model.checkpoint.textEncoder.weights.tensors.get('embeddings.token_embedding.weight')!,
    );
    const width = dims[1]!;
    const rows = model.tokenizer.tokenize('castle').map(({ id }) => data.slice(id * width, (id + 1) * width));
    return tensor(Float32Array.from(rows.flatMap((row) => [...row])), [rows.length, width]);
}

async function traced(prompt: string, words: Pick<Trace, 'attention' | 'gradient'>) {
    const options = {
        prompt,
        width: 64,
        height: 64,
        steps: 2,
        guidance: 5,
        sampler: { name: 'euler', schedule: 'normal', eta: 0 },
    } as const;
    const trace: Trace = { after: [1], completed: false, finish: 0, ...words };
    const plan = casePlan(options, { embeddings: [{ token: 'glow', file: { path: 'glow' } }], trace });
    const notices: string[] = [];
    const frames: TraceFrame[] = [];
    const context = {
        openModel: async () => model,
        picture: async () => plain(64, 64, [0, 0, 0]),
        learned: async () => new Map([['glow', castle()]]),
        emit: (event: { kind: string; text?: string }) => event.kind === 'notice' && notices.push(event.text!),
    };
    for await (const one of generate(plan, context)) frames.push(...one.trace);
    return { notices, frame: frames[0]! };
}

test('a learned word has maps, and those of words behind it are theirs', async () => {
    const asWord = await traced('a castle on a mountain', {
        attention: ['castle', 'mountain'],
        gradient: ['castle', 'mountain'],
    });
    const words = ['glow', '<glow>', 'mountain'];
    const asLearned = await traced('a <glow> on a mountain', { attention: words, gradient: words });
    expect(asLearned.notices).toEqual([]);
    for (const kind of ['attention', 'gradient'] as const) {
        const [maps, learned] = [asWord.frame[kind]!, asLearned.frame[kind]!];
        expect(maps['castle']!.data).not.toEqual(maps['mountain']!.data);
        expect(learned['glow']!.data).toEqual(maps['castle']!.data);
        expect(learned['<glow>']!.data).toEqual(maps['castle']!.data);
        expect(learned['mountain']!.data).toEqual(maps['mountain']!.data);
    }
});

test('words that no prompt has are reported', async () => {
    const one = await traced('a castle', { attention: ['cow', 'castle'], gradient: ['cow'] });
    expect(one.notices).toEqual(['The prompt does not say "cow": its heat map is empty. Trace words of the prompt.']);
    const two = await traced('a castle', { attention: ['cow'], gradient: [''] });
    expect(two.notices).toEqual([
        'The prompt does not say "cow", "": their heat maps are empty. Trace words of the prompt.',
    ]);
});
