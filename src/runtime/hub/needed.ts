/** Which files of a repository sdspec needs: configurations, the tokenizer, and one form of each part's weights. */

import { type HubModel, hubName } from '../../plan/model-names.ts';
import { byPreference } from '../weights/weight-files.ts';
import { HubError } from './hub-error.ts';
import type { HubFile, Listing } from './listing.ts';

const CONFIGS = /^(model_index|scheduler\/scheduler_config|(unet|vae|text_encoder)\/config)\.json$/;
const TOKENIZER = /^tokenizer\/((tokenizer|vocab|tokenizer_config|special_tokens_map)\.json|merges\.txt)$/;
const PARTS = ['unet', 'vae', 'text_encoder'] as const;
const SHARD = /-\d{5}-of-\d{5}/;
const HALF = /\.fp16[.-]/;

export interface Choice {
    /** Weights of 16 bits where the repository has them. */
    readonly half?: boolean;
}

/** The needed files, small ones first; throws `HubError` where the repository has no model that sdspec can use. */
export function neededFiles({ files }: Listing, ref: HubModel, choice: Choice = {}): readonly HubFile[] {
    if (!files.some(({ path }) => path === 'model_index.json')) throw noPipeline(ref, files);
    const small = files.filter(({ path }) => CONFIGS.test(path) || TOKENIZER.test(path));
    const weights = PARTS.flatMap((part) => weightsOf(part, files, ref, choice));
    return [...small, ...weights.sort((a, b) => a.bytes - b.bytes)];
}

/** Whether a file holds weights. */
export function isWeights({ path }: HubFile): boolean {
    return path.endsWith('.safetensors');
}

/** One whole file, or shards with their index. */
function weightsOf(part: string, files: readonly HubFile[], ref: HubModel, { half }: Choice): readonly HubFile[] {
    const inPart = files.filter(
        ({ path }) => path.startsWith(`${part}/`) && !path.slice(part.length + 1).includes('/'),
    );
    const best = (candidates: readonly HubFile[]) => candidates.toSorted(half ? halfFirst : fullFirst)[0];
    const whole = best(inPart.filter(({ path }) => path.endsWith('.safetensors') && !SHARD.test(path)));
    if (whole) return [whole];
    const index = best(inPart.filter(({ path }) => path.endsWith('.json') && path.includes('.safetensors.')));
    if (index) {
        const isHalf = HALF.test(index.path);
        const shards = inPart.filter(({ path }) => path.endsWith('.safetensors') && HALF.test(path) === isHalf);
        return [index, ...shards];
    }
    const message = inPart.some(({ path }) => /\.(bin|ckpt|pt|msgpack)$/.test(path))
        ? `${hubName(ref)} has its ${part} as a Python pickle only, which can run code when it is opened. Look for a revision or a copy of the model with .safetensors files.`
        : `${hubName(ref)} has no ${part}/*.safetensors: it is no whole Stable Diffusion model.`;
    throw new HubError('hub/unsuitable', message);
}

/** As the runtime prefers them when it finds several. */
function fullFirst(a: HubFile, b: HubFile): number {
    return byPreference(a.path, b.path);
}

function halfFirst(a: HubFile, b: HubFile): number {
    const rank = ({ path }: HubFile) => (HALF.test(path) && !path.includes('non_ema') ? 0 : 1);
    return rank(a) - rank(b) || fullFirst(a, b);
}

function noPipeline(ref: HubModel, files: readonly HubFile[]): HubError {
    const [single] = files.filter(({ path }) => path.endsWith('.safetensors')).map(({ path }) => path);
    const message = single
        ? `${hubName(ref)} is no diffusers model but holds single files. Download one (such as ${single}) and write its path: model m = "./${single}".`
        : `${hubName(ref)} is no diffusers model: it has no model_index.json.`;
    return new HubError('hub/unsuitable', message);
}
