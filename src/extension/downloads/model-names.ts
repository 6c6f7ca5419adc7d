/** Names of hub models as people write them: in a spec, in a command, or copied from the hub's page. */
import { type HubModel, parseHubName } from '../../plan/model-names.ts';

/** A hub model that a spec's text declares, and where. */
export interface DeclaredModel {
    readonly model: HubModel;
    /** Offsets of the declaration in the text. */
    readonly start: number;
    readonly end: number;
}

const DECLARED = /^[^\S\n]*model\s+\w+\s*=\s*"(hf:[^"\n]*)"(?:\s+revision\s+"([^"\n]*)")?/gm;

/** What a spec declares itself, even while it is broken elsewhere. */
export function declaredModels(text: string): readonly DeclaredModel[] {
    return [...text.matchAll(DECLARED)].flatMap((found) => {
        const [whole, source = '', revision] = found;
        const model = parseHubName(revision ? `${source}@${revision}` : source);
        const start = found.index + whole.search(/\S/);
        return model ? [{ model, start, end: found.index + whole.length }] : [];
    });
}

/** `hf:owner/name[@revision]`, as a spec writes it, or as the address of the hub's page; undefined: it is none of these. */
export function modelFromWords(words: string): HubModel | undefined {
    const text = words.trim();
    const [, source, revision] = /^(?:model\s+\w+\s*=\s*)?"(hf:[^"]*)"(?:\s+revision\s+"([^"]*)")?$/.exec(text) ?? [];
    if (source) return parseHubName(revision ? `${source}@${revision}` : source);
    const [, page, commit] = /^https:\/\/[^/]+\/([^/]+\/[^/?#]+)(?:\/(?:tree|commit)\/([^?#]+))?\/?$/.exec(text) ?? [];
    if (page) return parseHubName(commit ? `hf:${page}@${commit}` : `hf:${page}`);
    return parseHubName(text.startsWith('hf:') ? text : `hf:${text}`);
}
