/** A glance at a spec's text before it is parsed: what a run of it will probably open. */

const BUILT_IN_MODEL = /^\s*model\s+[\w-]+\s*=\s*"builtin:([\w-]+)"/gm;
/** Clauses that change the weights: what was opened without them is not used. */
const CHANGES_WEIGHTS = /^\s*(apply|learn)\b/m;
/** Clauses that need another U-Net than the plain one. */
const CHANGES_UNET = /^\s*(infuse|scale|control|cache|precision)\b/m;

interface Glance {
    /** Names of built-in models that are declared, and used with weights as they are. */
    readonly builtIns: readonly string[];
    /** Whether the U-Net will run as it is. */
    readonly isPlain: boolean;
}

/** Where the text reads otherwise than it seems, nothing is wrong: a run opens what it needs. */
export function glanceAt(text: string): Glance {
    const names = new Set([...text.matchAll(BUILT_IN_MODEL)].map(([, name]) => name!));
    return { builtIns: CHANGES_WEIGHTS.test(text) ? [] : [...names], isPlain: !CHANGES_UNET.test(text) };
}
