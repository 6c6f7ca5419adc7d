/** What a picture's file says of its making, as spec text: every fact is expressed, or is in a comment. */
import type { Origin, OriginLora, Tool } from '../../../plan/origin.ts';
import { mosaicPlanIn, picturePlanIn } from '../../../plan/plan-schema.ts';
import { LANGUAGE_VERSION } from '../../meaning/versions.ts';
import { figure } from '../curve-text.ts';
import { Ingredients, type NameInUse } from '../ingredients.ts';
import { blocksText, pictureText } from '../picture-text.ts';
import { mosaicText } from '../spec-text.ts';
import { oneLine, quote } from '../value-text.ts';
import { originPrompt } from './origin-prompt.ts';
import { samplingClauses } from './origin-sampling.ts';
import {
    baseName,
    fileStem,
    numberClause,
    type OriginClause,
    type OriginWriting,
    PATH_WANTED,
} from './origin-writing.ts';

const TOOLS: Readonly<Record<Tool, string>> = {
    sdspec: 'sdspec',
    automatic1111: 'AUTOMATIC1111 or a tool that writes as it does',
    comfyui: 'ComfyUI',
    invokeai: 'InvokeAI',
    fooocus: 'Fooocus',
    novelai: 'NovelAI',
    swarmui: 'SwarmUI',
    other: 'a tool that does not name itself',
};

/**
 * Returns a `generate` named like the file, below the ingredients that it needs. `existing` are the names of the text that it
 * joins; without them it is a spec of its own, which begins with the version of the language.
 */
export function originText(file: string, origin: Origin, existing?: readonly NameInUse[]): string {
    const known = new Ingredients(existing);
    const name = known.free(file.replace(/\.[^.]*$/, '').replace(/^(?=\d)/, 'picture_') || 'picture');
    const plan = planIn(origin);
    const version = origin.version && !plan ? ` (${oneLine(origin.version)})` : '';
    const first = existing ? '' : `sdspec ${LANGUAGE_VERSION}\n\n`;
    const head = `${first}// From ${oneLine(file)}, made by ${TOOLS[origin.tool]}${version}.\n`;
    if (plan) return head + pictureText(name, plan, known);
    const mosaic = mosaicPlanIn(embeddedPlan(origin));
    if (mosaic) return head + mosaicText(name, mosaic, known);
    return head + known.above(originGenerate({ origin, known, notes: [] }, name));
}

function embeddedPlan({ sdspec }: Origin): unknown {
    return (sdspec as { readonly plan?: unknown } | undefined)?.plan;
}

/** The plan that sdspec writes into its own pictures. */
function planIn(origin: Origin): ReturnType<typeof picturePlanIn> {
    return picturePlanIn(embeddedPlan(origin));
}

/** The picture's `generate`; what has no clause is in the comments below the others. */
function originGenerate(writing: OriginWriting, name: string): string {
    const { origin, notes } = writing;
    const { prompt = '', negative, strength, clipSkip, loras = [] } = origin;
    if (origin.sdspec !== undefined) {
        notes.push('The plan in the file is damaged or of another version: this is what its `parameters` say.');
    }
    const use = useClause(writing);
    const shows = originPrompt(writing, prompt);
    const avoids = negative ? originPrompt(writing, negative, true) : undefined;
    const clauses: readonly OriginClause[] = [
        ...use,
        ['prompt', shows.text],
        ...(avoids ? [['negative', avoids.text] as const] : []),
        ...samplingClauses(writing, shows.sum ?? 1),
        ...(clipSkip ? numberClause(writing, 'clip', 'skip', clipSkip) : []).map(
            ([clause, value]): OriginClause => [clause, `skip ${value}`],
        ),
        ...loras.flatMap((one) => applyClause(writing, one)),
    ];
    if (strength !== undefined) {
        notes.push(`It was made from another picture: start from … strength ${figure(strength)}`);
    }
    notes.push(...(origin.notes ?? []));
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(10)}${value}\n`);
    const comments = [...new Set(notes.map(oneLine))].filter(Boolean).map((note) => `    // ${note}\n`);
    return `generate ${name} {\n${body.join('')}${comments.join('')}}\n`;
}

function useClause({ origin, known, notes }: OriginWriting): readonly OriginClause[] {
    const { model, modelHash, vae, prediction, zeroSnr } = origin;
    if (!model && !modelHash) {
        notes.push('The file names no model: declare one, and write `use` with its name.');
        if (vae) notes.push(`The VAE is ${vae}, not the model's own.`);
        if (prediction) notes.push(`The model predicts ${prediction}.`);
        return [];
    }
    const builtin = /^builtin:([\w-]+)$/.exec(model ?? '')?.[1];
    if (builtin) return [['use', known.name('model', builtin, quote(`builtin:${builtin}`))]];
    const stem = baseName(model ?? 'model');
    const choices = [
        // What models predict unless their file says another thing goes without saying.
        prediction === 'v' ? ` predicts v${zeroSnr ? ' zero-snr' : ''}` : '',
        vae ? ` vae ${quote(`./models/${baseName(vae)}.safetensors`)}` : '',
    ];
    const folder = model && /[/\\]/.test(model) ? ` (${oneLine(model)})` : '';
    const hash = modelHash ? ` (hash ${oneLine(modelHash)})` : '';
    const declared = quote(`./models/${stem}.safetensors`) + choices.join('');
    return [['use', known.name('model', stem, declared, `${PATH_WANTED}${folder}${hash}`)]];
}

function applyClause(writing: OriginWriting, { name, weight, text, blocks }: OriginLora): readonly OriginClause[] {
    const path = quote(`./loras/${fileStem(name)}.safetensors`);
    const [value] = numberClause(writing, `the weight of the LoRA ${name}`, 'adapter', weight);
    if (!value) return [];
    const declared = writing.known.name('lora', baseName(name), path, PATH_WANTED);
    const other = text === undefined ? '' : ` // ${text} in the text encoder`;
    return [['apply', `${declared} weight ${value[1]}${blocksText(blocks)}${other}`]];
}
