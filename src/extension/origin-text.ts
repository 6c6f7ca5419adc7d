/** What a picture's file tells of its making, as spec text. */
import { figure } from '../language/lsp/curve-text.ts';
import type { PicturePlan } from '../plan/plan.ts';
import { SAMPLERS } from '../plan/samplers.ts';
import type { Origin } from '../runtime/pictures/metadata/origin.ts';
import { Ingredients } from './ingredients.ts';
import { pictureText, quote } from './spec-text.ts';

const TOOLS = { sdspec: 'sdspec', automatic1111: 'AUTOMATIC1111', comfyui: 'ComfyUI', invokeai: 'InvokeAI' } as const;

/** `existing` is the text that it joins. */
export function originText(file: string, origin: Origin, existing = ''): string {
    const name = file.replace(/\.[^.]*$/, '').replace(/^(\d)/, 'picture_$1') || 'picture';
    const head = `// From ${file}, made by ${TOOLS[origin.tool]}.\n`;
    const known = new Ingredients(existing);
    const plan = planIn(origin);
    if (plan) return head + pictureText(known.free(name), plan, known);
    const model = modelName(known, origin);
    const loras = (origin.loras ?? []).map((lora) => {
        const path = quote(`./loras/${lora.name}.safetensors`);
        return ['apply', `${known.name('lora', lora.name, path, 'put its path here')} weight ${figure(lora.weight)}`];
    });
    const clauses = [
        ['use', model],
        ['prompt', phrasesText(origin.prompt ?? '')],
        ...(origin.negative ? [['negative', phrasesText(origin.negative)]] : []),
        ...(origin.width && origin.height ? [['size', `${origin.width}x${origin.height}`]] : []),
        ...(origin.steps === undefined ? [] : [['steps', figure(origin.steps)]]),
        ...samplerClause(origin),
        ...(origin.guidance === undefined ? [] : [['guidance', figure(origin.guidance)]]),
        ...(origin.seed === undefined ? [] : [['seed', String(origin.seed)]]),
        ['noise', origin.noise ?? 'torch-cpu'],
        ...(origin.clipSkip ? [['clip', `skip ${origin.clipSkip}`]] : []),
        ...loras,
        ...(origin.strength === undefined
            ? []
            : [['//', `it was made from another picture: start from … strength ${figure(origin.strength)}`]]),
    ] as const;
    const body = clauses.map(([clause, value]) => `    ${clause!.padEnd(10)}${value}`).join('\n');
    return head + known.above(`generate ${known.free(name)} {\n${body}\n}\n`);
}

/** The plan that sdspec writes into its own pictures. */
function planIn({ sdspec }: Origin): PicturePlan | undefined {
    const plan = (sdspec as { readonly plan?: Partial<PicturePlan> } | undefined)?.plan;
    return plan?.kind === 'picture' && plan.model && plan.conditioning ? (plan as PicturePlan) : undefined;
}

function modelName(known: Ingredients, { model, modelHash }: Origin): string {
    if (!model && !modelHash) return known.name('model', 'sd15', '"./models/model.safetensors"', 'put its path here');
    const stem = (model ?? 'model')
        .split(/[\\/]/)
        .at(-1)!
        .replace(/\.(safetensors|ckpt)$/, '');
    const hash = modelHash ? ` (hash ${modelHash})` : '';
    return known.name('model', stem, quote(`./models/${stem}.safetensors`), `put its path here${hash}`);
}

function samplerClause({ sampler, schedule, eta, samplerText }: Origin): (readonly [string, string])[] {
    if (!sampler) return samplerText ? [['//', `sampler ${samplerText}: specs have none of this name`]] : [];
    const schedules: readonly string[] = SAMPLERS[sampler].schedules;
    const on = schedule && schedule !== 'normal' && schedules.includes(schedule) ? ` on ${schedule}` : '';
    return [['sampler', `${sampler}${on}${sampler === 'ddim' && eta !== undefined ? ` eta ${figure(eta)}` : ''}`]];
}

/** A prompt with emphasis in the notation of other tools, `(words:1.3)`, as phrases with weights. */
function phrasesText(prompt: string): string {
    const plain = prompt.replace(/<lora:[^>]*>/g, '');
    const parts: string[] = [];
    let at = 0;
    for (const match of plain.matchAll(/\(([^():]+):\s*([\d.]+)\)/g)) {
        parts.push(...words(plain.slice(at, match.index)));
        parts.push(`${quote(match[1]!.trim())} weight ${figure(Number(match[2]))}`);
        at = match.index + match[0].length;
    }
    parts.push(...words(plain.slice(at)));
    return parts.join(', ') || '""';
}

function words(text: string): string[] {
    const trimmed = text.replace(/^[\s,]+|[\s,]+$/g, '');
    return trimmed ? [quote(trimmed)] : [];
}
