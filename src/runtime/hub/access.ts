/** Access to a hub: where it is, who asks, and what messages call the places where both are set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hubHome } from '../models-folder.ts';

/** What the asker sets. What is left out comes from the environment, as Hugging Face's tools read it. */
export interface Access {
    /** Address of the hub; default HF_ENDPOINT, or the public hub. */
    readonly endpoint?: string;
    /** Default: HF_TOKEN, or what Hugging Face's own login left, for the hub that the environment names. */
    readonly token?: string;
    /** Whose settings messages name. Default `command`. */
    readonly asker?: Asker;
}

/** The command line, whose users set the environment, or the editor with settings and commands. */
export type Asker = 'command' | 'editor';

/** Parts of messages that say what to do. */
export interface Words {
    readonly giveToken: string;
    readonly token: string;
    readonly endpoint: string;
    readonly moveCache: string;
    readonly again: string;
}

export const WORDS: Readonly<Record<Asker, Words>> = {
    command: {
        giveToken: 'put a token into HF_TOKEN',
        token: 'the token in HF_TOKEN',
        endpoint: 'HF_ENDPOINT',
        moveCache: 'set HF_HUB_CACHE to a folder on a larger disk',
        again: 'run it again',
    },
    editor: {
        giveToken: 'give a token by the command “SDSpec: Set Hub Token…”',
        token: 'the token that you gave by “SDSpec: Set Hub Token…”',
        endpoint: 'the setting sdspec.hub.endpoint',
        moveCache: 'set sdspec.models.folder to a folder on a larger disk',
        again: 'download it again',
    },
};

export const PUBLIC_HUB = 'https://huggingface.co';

/** Address of the hub, without a slash at its end. It may be no address: the connection checks it. */
export function endpointOf({ endpoint }: Access = {}): string {
    return (endpoint?.trim() || process.env['HF_ENDPOINT'] || PUBLIC_HUB).replace(/\/+$/, '');
}

/** The token for a hub. That of the environment goes to the hub of the environment only: no setting leads it elsewhere. */
export function tokenOf(access: Access = {}): string | undefined {
    if (access.token?.trim()) return access.token.trim();
    return originOf(endpointOf(access)) === originOf(endpointOf()) ? environmentToken() : undefined;
}

/** HF_TOKEN, or what Hugging Face's own login left on this machine. */
function environmentToken(): string | undefined {
    const { HF_TOKEN, HUGGING_FACE_HUB_TOKEN, HF_TOKEN_PATH } = process.env;
    const given = (HF_TOKEN || HUGGING_FACE_HUB_TOKEN || '').trim();
    if (given) return given;
    try {
        return readFileSync(HF_TOKEN_PATH || join(hubHome(), 'token'), 'utf8').trim() || undefined;
    } catch {
        return undefined;
    }
}

function originOf(endpoint: string): string {
    return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}
