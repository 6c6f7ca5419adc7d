/** Names of hub models: as a command writes them, in messages, and wherever a plan names them. */
import type { ModelRef } from './plan.ts';

export type HubModel = Extract<ModelRef, { readonly kind: 'hub' }>;

/** `hf:owner/name@revision`. */
export function hubName({ repository, revision }: HubModel): string {
    return `hf:${repository}@${revision}`;
}

/** The model that `hf:owner/name[@revision]` names; undefined where the text is no such name. */
export function parseHubName(text: string): HubModel | undefined {
    const [, repository = '', revision = 'main'] = /^hf:([^@]+)(?:@(.+))?$/.exec(text) ?? [];
    const ref: HubModel = { kind: 'hub', repository, revision };
    return isHubModel(ref) ? ref : undefined;
}

/** Names become folders and addresses: anything that could lead elsewhere is no name. */
export function isHubModel({ repository, revision }: HubModel): boolean {
    const isSafe = (path: string) => path.split('/').every((part) => !/^\.*$/.test(part));
    return /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(revision) && isSafe(`${repository}/${revision}`);
}

/** Whether a revision is a commit or the beginning of one, and so always means the same files. */
export function isCommit(revision: string): boolean {
    return /^[0-9a-f]{7,40}$/.test(revision);
}

/** What to type to download a model. */
export function fetchCommand(ref: HubModel): string {
    return `sdspec models fetch ${hubName(ref)}`;
}

/** Every hub model that a plan, or anything made of plans, names anywhere; each once. */
export function hubModelsIn(plans: unknown): readonly HubModel[] {
    const found = new Map<string, HubModel>();
    const look = (value: unknown): void => {
        if (typeof value !== 'object' || value === null) return;
        if (isRef(value)) found.set(hubName(value), value);
        else Object.values(value).forEach(look);
    };
    look(plans);
    return [...found.values()];
}

function isRef(value: object): value is HubModel {
    return 'kind' in value && value.kind === 'hub' && 'repository' in value && 'revision' in value;
}

/** A model as the spec names it. */
export function modelName(ref: ModelRef): string {
    switch (ref.kind) {
        case 'builtin':
            return `builtin:${ref.name}`;
        case 'file':
            return ref.path;
        case 'hub':
            return hubName(ref);
    }
}
