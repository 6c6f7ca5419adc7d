/** The hub as a server: where it is, who asks, and what its refusals mean. */
import { version } from '../../../package.json';
import { type HubModel, hubName } from '../../plan/model-names.ts';
import { type Access, endpointOf, PUBLIC_HUB, tokenOf, WORDS, type Words } from './access.ts';
import { HubError } from './hub-error.ts';

/** One model's way to the hub. */
export interface Connection {
    /** Without a slash at its end. */
    readonly endpoint: string;
    /** What messages call the places where the asker sets things. */
    readonly words: Words;
    /**
     * Fetches; every answer that is no success, except 416, is thrown as a `HubError`. The token goes to the hub itself and
     * to no host that it redirects to.
     */
    readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

/** Until a question is answered in whole; downloads bring a signal of their own. */
const PATIENCE = 60_000;

export interface ConnectOptions {
    readonly signal?: AbortSignal;
    readonly access?: Access;
}

/** Makes no request yet. Throws `HubError` where the hub has no address, or no request is allowed. */
export function connect(ref: HubModel, { signal, access = {} }: ConnectOptions = {}): Connection {
    const words = WORDS[access.asker ?? 'command'];
    const endpoint = endpointOf(access);
    if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
        const message = `"${endpoint}" is no address of a hub: ${words.endpoint} wants one such as ${PUBLIC_HUB}.`;
        throw new HubError('hub/offline', message);
    }
    if (/^(1|on|yes|true)$/i.test(process.env['HF_HUB_OFFLINE'] ?? '')) {
        const message = `${hubName(ref)} can't be downloaded while HF_HUB_OFFLINE is set.`;
        throw new HubError('hub/offline', message);
    }
    const token = tokenOf(access);
    if (token && !/^[!-~]+$/.test(token)) {
        // Said here, because the message of a refused header would contain the token.
        const message = `Your token holds characters that no token has: ${words.giveToken} again, without spaces and line ends.`;
        throw new HubError('hub/denied', message);
    }
    const { origin } = new URL(endpoint);
    return {
        endpoint,
        words,
        async fetch(url, init = {}) {
            const headers = new Headers(init.headers);
            headers.set('User-Agent', `sdspec/${version}`);
            if (token && new URL(url).origin === origin) headers.set('Authorization', `Bearer ${token}`);
            const patience = AbortSignal.timeout(PATIENCE);
            const signals = init.signal ? [init.signal] : signal ? [signal, patience] : [patience];
            let response: Response;
            try {
                response = await fetch(url, { ...init, headers, signal: AbortSignal.any(signals) });
            } catch (cause) {
                signal?.throwIfAborted();
                throw unreachable(new URL(url).host, cause);
            }
            if (response.ok || response.status === 416) return response;
            await response.body?.cancel();
            throw refusal(response, ref, { endpoint, words, hasToken: token !== undefined });
        },
    };
}

function unreachable(host: string, cause: unknown): HubError {
    const { code, message } = (cause as { cause?: { code?: string; message?: string } }).cause ?? {};
    const reason = code ?? message ?? (cause as Error).message;
    return new HubError('hub/offline', `${host} can't be reached (${reason}). Check the network and try again.`, {
        cause,
    });
}

/** What an answer that is no success means. The hub states the kind in `X-Error-Code`. */
function refusal(
    { status, headers }: Response,
    ref: HubModel,
    { endpoint, words, hasToken }: Pick<Connection, 'endpoint' | 'words'> & { readonly hasToken: boolean },
): HubError {
    const kind = headers.get('X-Error-Code') ?? '';
    const page = `${endpoint}/${ref.repository}`;
    const tokens = `${endpoint}/settings/tokens`;
    if (kind === 'GatedRepo' || status === 403) {
        const last = hasToken
            ? 'The token that you use must be allowed to read it.'
            : `${sentence(words.giveToken)} (${tokens}).`;
        const message = `hf:${ref.repository} asks for its terms to be accepted: open ${page} and agree there. ${last}`;
        return new HubError('hub/denied', message);
    }
    if (status === 401) {
        const message = hasToken
            ? `The hub does not let your token read hf:${ref.repository}. Check the name, and ${words.token} (${tokens}).`
            : `There is no public model hf:${ref.repository}. Check the name; for a private model ${words.giveToken} (${tokens}).`;
        return new HubError('hub/denied', message);
    }
    if (status === 404 && kind === 'RevisionNotFound') {
        const message = `hf:${ref.repository} has no revision ${ref.revision}. Its commits are listed at ${page}/commits/main.`;
        return new HubError('hub/no-revision', message);
    }
    if (status === 404) {
        return new HubError('hub/not-found', `There is nothing at ${page}: check owner and name of the model.`);
    }
    if (status === 429 || status >= 500) {
        const message = `The hub can't answer now (${status}). The part already downloaded is kept: try again in a while.`;
        return new HubError('hub/busy', message);
    }
    return new HubError(
        'hub/answer',
        `${endpoint} answered ${status}, which no hub does here. Check ${words.endpoint}.`,
    );
}

function sentence(words: string): string {
    return words.charAt(0).toUpperCase() + words.slice(1);
}
