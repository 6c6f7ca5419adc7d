/** The forms in which a golden set holds one model: a folder, and single files with their hyper-parameters. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Overrides, openModel, type StableDiffusion } from '../../../src/runtime/engine/model.ts';
import type { CaseResult } from '../golden.ts';

/** A model opened on the CPU, and in which form. */
export interface OpenedForm {
    readonly form: string;
    readonly model: StableDiffusion;
}

/** Opens every form of a model that the set holds; forms share one set of goldens. */
export async function openForms(root: string, name: string): Promise<readonly OpenedForm[]> {
    const models = join(root, 'models');
    const forms: OpenedForm[] = [];
    if (existsSync(join(models, name, 'model_index.json'))) {
        forms.push({ form: 'folder', model: await openModel(join(models, name), { device: 'cpu' }) });
    }
    for (const file of readdirSync(models)
        .filter((entry) => entry.startsWith(`${name}.`) && entry.endsWith('.safetensors'))
        .sort()) {
        const overrides = singleFileOverrides(root, file);
        forms.push({
            form: file.slice(name.length + 1, -'.safetensors'.length),
            model: await openModel(join(models, file), { device: 'cpu', ...(overrides && { overrides }) }),
        });
    }
    return forms;
}

/** What `single_files.json` says of a file: the values that published files of its family would share. */
export function singleFileOverrides(root: string, file: string): Overrides | undefined {
    const entries = JSON.parse(readFileSync(join(root, 'models', 'single_files.json'), 'utf8'));
    const entry = entries[file];
    if (!entry) return undefined;
    const { unet, vae, text_encoder, scheduler, config } = entry;
    return { unet, vae, text_encoder, scheduler, tokenizer: join(root, 'models', config, 'tokenizer') };
}

/** Keeps models of several forms open until the group is done. */
export function openedModels(root: string) {
    const opened = new Map<string, Promise<readonly OpenedForm[]>>();
    return {
        forms(name: string): Promise<readonly OpenedForm[]> {
            const known = opened.get(name) ?? openForms(root, name);
            opened.set(name, known);
            return known;
        },
        async close(): Promise<void> {
            for (const forms of opened.values()) for (const { model } of await forms) await model.close();
        },
    };
}

/** One case's result from errors by output: the worst against the case's tolerance. */
export function judge(id: string, errors: Readonly<Record<string, number>>, atol: number): CaseResult {
    const [output, error] = Object.entries(errors).reduce(
        (worst, entry) => (entry[1] > worst[1] ? entry : worst),
        ['', 0],
    );
    return { id, error, atol, passed: error <= atol, ...(error > atol && { note: output }) };
}
