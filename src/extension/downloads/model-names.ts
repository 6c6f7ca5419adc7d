/** Names of hub models as people write them: in a spec, in a command, or copied from the hub's page. */
import { type HubModel, parseHubName } from '../../plan/model-names.ts';
import type { LanguageConnection } from '../client.ts';

/** `hf:owner/name[@revision]`, as a spec writes it, or as the address of the hub's page; undefined: it is none of these. */
export async function modelFromWords(
    words: string,
    language: Pick<LanguageConnection, 'hubModelIn'>,
): Promise<HubModel | undefined> {
    const text = words.trim();
    if (text.includes('"')) return language.hubModelIn(text);
    const [, page, commit] = /^https:\/\/[^/]+\/([^/]+\/[^/?#]+)(?:\/(?:tree|commit)\/([^?#]+))?\/?$/.exec(text) ?? [];
    if (page) return parseHubName(commit ? `hf:${page}@${commit}` : `hf:${page}`);
    return parseHubName(text.startsWith('hf:') ? text : `hf:${text}`);
}
