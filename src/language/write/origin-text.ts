/** What a picture's file says of its making, as spec text. */

import type { Origin } from '../../plan/origin.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { SAMPLERS } from '../../plan/samplers.ts';
import { fits, nearestFit, RANGES, type RangeName } from '../meaning/ranges.ts';
import { figure } from './curve-text.ts';
import { Ingredients } from './ingredients.ts';
import { readPrompt } from './prompt-notation.ts';
import { pictureText, promptText, quote } from './spec-text.ts';

const TOOLS = { sdspec: 'sdspec', automatic1111: 'AUTOMATIC1111', comfyui: 'ComfyUI', invokeai: 'InvokeAI' } as const;
const PATH = 'put its path here';

/** `existing` is the text that it joins. */
export function originText(file: string, origin: Origin, existing = ''): string {
    const head = `// From ${oneLine(file)}, made by ${TOOLS[origin.tool]}.\n`;
    const known = new Ingredients(existing);
    const name = known.free(file.replace(/\.[^.]*$/, '').replace(/^(?=\d)/, 'picture_') || 'picture');
    const plan = planIn(origin);
    return head + (plan ? pictureText(name, plan, known) : known.above(generateText(name, origin, known)));
}

/** The plan that sdspec writes into its own pictures. */
function planIn({ sdspec }: Origin): PicturePlan | undefined {
    const plan = (sdspec as { readonly plan?: Partial<PicturePlan> } | undefined)?.plan;
    return plan?.kind === 'picture' && plan.model && plan.conditioning ? (plan as PicturePlan) : undefined;
}

function generateText(name: string, origin: Origin, known: Ingredients): string {
    const { prompt = '', negative, width, height, steps, guidance, seed, clipSkip, strength, loras = [] } = origin;
    const notes: string[] = [];
    const number = (range: RangeName, value: number) => {
        if (!fits(RANGES[range], value)) notes.push(`${value} was written. ${RANGES[range].rule}`);
        return figure(nearestFit(RANGES[range], value));
    };
    const words = (text: string) => {
        const read = readPrompt(text, origin.tool);
        notes.push(...read.notes);
        return promptText(read, quote) || '""';
    };
    const clauses: (readonly [clause: string, value: string])[] = [
        ['use', modelName(known, origin)],
        ['prompt', words(prompt)],
        ...(negative ? [['negative', words(negative)] as const] : []),
        ...(width && height ? [['size', `${side(width)}x${side(height)}`] as const] : []),
        ...(steps === undefined ? [] : [['steps', number('steps', steps)] as const]),
        ...samplerClause(origin, number),
        ...(guidance === undefined ? [] : [['guidance', number('guidance', guidance)] as const]),
        ...(seed === undefined ? [] : [['seed', seedText(seed, noiseOf(origin), number)] as const]),
        ['noise', noiseText(origin)],
        ...(clipSkip ? [['clip', `skip ${number('skip', clipSkip)}`] as const] : []),
        ...loras.map(({ name: lora, weight }) => {
            const path = quote(`./loras/${fileStem(lora)}.safetensors`);
            const declared = known.name('lora', fileStem(lora).replace(/^.*\//, ''), path, PATH);
            return ['apply', `${declared} weight ${number('adapter', weight)}`] as const;
        }),
    ];
    if (strength !== undefined)
        notes.push(`It was made from another picture: start from … strength ${figure(strength)}`);
    if (!origin.sampler && origin.samplerText) notes.push(`Specs have no sampler ${origin.samplerText}.`);
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(10)}${value}\n`);
    const comments = [...new Set(notes)].map((note) => `    // ${oneLine(note)}\n`);
    return `generate ${name} {\n${body.join('')}${comments.join('')}}\n`;
}

function modelName(known: Ingredients, { model, modelHash }: Origin): string {
    if (!model && !modelHash) return known.name('model', 'sd15', '"./models/model.safetensors"', PATH);
    const stem = fileStem(model ?? 'model').replace(/^.*\//, '');
    const hash = modelHash ? ` (hash ${oneLine(modelHash)})` : '';
    return known.name('model', stem, quote(`./models/${stem}.safetensors`), `${PATH}${hash}`);
}

function samplerClause({ sampler, schedule, eta }: Origin, number: Numbers): (readonly [string, string])[] {
    if (!sampler) return [];
    const schedules: readonly string[] = SAMPLERS[sampler].schedules;
    const on = schedule && schedule !== 'normal' && schedules.includes(schedule) ? ` on ${schedule}` : '';
    const share = sampler === 'ddim' && eta !== undefined ? ` eta ${number('eta', eta)}` : '';
    return [['sampler', `${sampler}${on}${share}`]];
}

/** Writes a number as far as the setting takes it. */
type Numbers = (range: RangeName, value: number) => string;

/** AUTOMATIC1111 names its generator only where it is not the device's own. */
function noiseOf({ noise, tool }: Origin): NonNullable<Origin['noise']> {
    return noise ?? (tool === 'automatic1111' ? 'philox' : 'torch-cpu');
}

function noiseText(origin: Origin): string {
    const isGuessed = origin.noise === undefined && origin.tool === 'automatic1111';
    return noiseOf(origin) + (isGuessed ? ' // of an NVIDIA device: the file names no generator' : '');
}

/** PyTorch's generator on the CPU takes the last 32 bits of a seed; ComfyUI's seeds are longer. */
function seedText(seed: number, noise: ReturnType<typeof noiseOf>, number: Numbers): string {
    if (noise === 'philox') return number('philoxSeed', seed);
    const bits = seed >>> 0;
    if (bits === seed) return String(seed);
    return `${bits} // ${Number.isSafeInteger(seed) ? `the last 32 bits of ${seed}` : 'the seed is too long to be read exactly'}`;
}

/** Other tools round down to whole latents. */
function side(pixels: number): number {
    return Math.max(1, Math.floor(pixels / 8)) * 8;
}

/** Without the ending of a weights file, and with forward slashes. */
function fileStem(path: string): string {
    return path.replaceAll('\\', '/').replace(/\.(safetensors|ckpt|pt)$/, '');
}

function oneLine(text: string): string {
    return text.replace(/\s+/g, ' ');
}
