/** `sdspec models`: what models are found on this machine, and how others get there. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { sizeWords } from '../../plan/amounts.ts';
import { COMPANION_KINDS, COMPANIONS } from '../../plan/companions.ts';
import { hubCache } from '../../runtime/models-folder.ts';
import { modelPath } from '../../runtime/run/inputs/model-path.ts';
import { builtinNames, companionNames, companionPath } from '../../runtime/run/inputs/shipped.ts';
import { openCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { ModelError } from '../../runtime/weights/model-error.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { exportModels } from './export-model.ts';
import { fetchModels } from './fetch-models.ts';
import { modelCache } from './model-cache.ts';

interface Found {
    /** As a spec names it. */
    readonly name: string;
    readonly path: string;
    readonly detail: string;
    readonly usable: boolean;
}

export const models: Command = {
    name: 'models',
    arguments: '[FOLDER…] | fetch NAME… | export FILE NAME TARGET | cache [clear]',
    summary: 'Lists the models on this machine, downloads more, exports what was learnt, or clears prepared weights.',
    help: `Looks at the built-in models, the cache of Hugging Face's tools, and the folders given (this one by default) for
diffusers folders and single .safetensors files. Only headers are read.

\`fetch\` downloads models of the hub into that cache: those named, or all that a spec names. It says first how much
comes, takes only the files that are needed, and continues where an earlier download was cut. HF_ENDPOINT is the hub,
HF_TOKEN your token for models that need one. Nothing else in sdspec uses the network.

\`export\` writes the model that a \`learn\` changed, a LoRA or weights, as a diffusers folder with the changes merged in; where
the target ends in .safetensors, the LoRA or the differences alone, in half precision: a file of half the size to give away.

\`cache\` lists the weights that runs have prepared from large models, and \`cache clear\` removes them. SDSPEC_CACHE names
their folder (else \`sdspec\` in XDG_CACHE_HOME or ~/.cache), SDSPEC_CACHE_GB the most that they may take (16; 0: none are made).

Examples:
  sdspec models ~/weights
  sdspec models fetch hf:stable-diffusion-v1-5/stable-diffusion-v1-5@451f4fe
  sdspec models fetch turtle.sdspec
  sdspec models export robot.sdspec tin ./robot-model
  sdspec models export robot.sdspec tin tin.safetensors
  sdspec models cache clear`,
    options: {
        json: { help: 'Writes the list as JSON to stdout.' },
        fp16: { help: 'With fetch: takes weights of 16 bits where there are some, half as large.' },
    },
    async run(call) {
        if (call.words[0] === 'fetch') return fetchModels(call.words.slice(1), { half: call.flag('fp16') });
        if (call.words[0] === 'export') return exportModels(call.words.slice(1));
        if (call.words[0] === 'cache') return modelCache(call.words.slice(1), { json: call.flag('json') });
        if (call.flag('fp16')) throw new UsageError('--fp16 belongs to sdspec models fetch.');
        const folders = call.words.length > 0 ? call.words : ['.'];
        const found = [...builtin(), ...cached(), ...folders.flatMap((folder) => inFolder(folder, 0))];
        if (call.flag('json')) {
            console.log(JSON.stringify(found, null, 2));
            return EXIT.done;
        }
        const width = Math.max(...found.map(({ name }) => name.length));
        for (const { name, detail, usable } of found)
            console.log(`${name.padEnd(width)}  ${usable ? '' : 'unusable: '}${detail}`);
        return EXIT.done;
    },
};

function builtin(): readonly Found[] {
    const models = builtinNames().flatMap((name) =>
        look(`"builtin:${name}"`, modelPath({ kind: 'builtin', name }, '.')),
    );
    const companions = companionNames().map((name) => {
        const { kind, model, about } = COMPANIONS[name]!;
        const path = companionPath(`builtin:${name}`);
        const detail = `${COMPANION_KINDS[kind]} for builtin:${model}. ${about}`;
        return { name: `"builtin:${name}"`, path, detail, usable: true };
    });
    return [...models, ...companions];
}

function cached(): readonly Found[] {
    return foldersIn(hubCache()).flatMap((folder) => {
        const repository = /^models--(.+?)--(.+)$/.exec(folder);
        if (!repository) return [];
        const snapshots = join(hubCache(), folder, 'snapshots');
        return foldersIn(snapshots).flatMap((commit) => {
            const place = join(snapshots, commit);
            if (!existsSync(join(place, 'model_index.json'))) return [];
            return look(`"hf:${repository[1]}/${repository[2]}" revision "${commit}"`, place);
        });
    });
}

const DEEPEST = 3;

function inFolder(folder: string, depth: number): readonly Found[] {
    if (existsSync(join(folder, 'model_index.json'))) return look(specPath(folder), folder);
    if (depth > DEEPEST || !existsSync(folder)) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
        if (entry.isDirectory()) return inFolder(path, depth + 1);
        return entry.name.endsWith('.safetensors') ? look(specPath(path), path, { file: true }) : [];
    });
}

function specPath(path: string): string {
    const short = relative('.', path).replaceAll('\\', '/');
    return `"${short.startsWith('..') || short.startsWith('/') ? short : `./${short}`}"`;
}

/** A lone file that is no checkpoint may be a LoRA or an embedding: it is no model, and nothing is wrong with it. */
function look(name: string, path: string, { file = false } = {}): readonly Found[] {
    try {
        const { form, nativeSize, isInpainting, unetBytes, predictionType } = openCheckpoint(path);
        const kind = [form, isInpainting ? 'inpainting' : '', predictionType === 'epsilon' ? '' : predictionType];
        const detail = [
            ...kind.filter(Boolean),
            `${nativeSize}x${nativeSize}`,
            `U-Net of ${sizeWords(unetBytes)}`,
        ].join(', ');
        return [{ name, path, detail, usable: true }];
    } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        return file ? [] : [{ name, path, detail: error.message, usable: false }];
    }
}

function foldersIn(folder: string): readonly string[] {
    return existsSync(folder) ? readdirSync(folder) : [];
}
