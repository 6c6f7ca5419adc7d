/** Folders of models on this machine. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloaded models are: SDSPEC_MODELS, or where Hugging Face's tools keep them,
 * https://huggingface.co/docs/huggingface_hub/guides/manage-cache. */
export function hubCache(): string {
    const { SDSPEC_MODELS, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE } = process.env;
    return SDSPEC_MODELS || HF_HUB_CACHE || HUGGINGFACE_HUB_CACHE || join(hubHome(), 'hub');
}

/** The folder of Hugging Face's tools: cache, and the token of the user who is logged in. */
export function hubHome(): string {
    const { HF_HOME, XDG_CACHE_HOME } = process.env;
    return HF_HOME || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'huggingface');
}
