/** The prompts of ComfyUI's graph: from a sampler back to the nodes that encode text. */
import { textOf } from '../../../plan/origin.ts';
import { type ComfyGraph, type ComfyNode, nodeLabel } from './comfy-graph.ts';

export type ComfyRole = 'positive' | 'negative';

export interface ComfyConditioning {
    readonly text?: string;
    readonly clipSkip?: number;
    readonly notes: readonly string[];
}

/** The inputs of encoders that hold a prompt, the one of the smaller encoder first. */
const TEXTS = [
    'text',
    'text_g',
    'text_l',
    'clip_l',
    'string',
    'prompt',
    'wildcard_text',
    'populated_text',
    'positive',
    'negative',
];

/** Reads the prompt of a role. A negative prompt is never taken from where only a positive one comes from. */
export function comfyConditioning(graph: ComfyGraph, sampler: ComfyNode, role: ComfyRole): ComfyConditioning {
    const notes: string[] = [];
    const texts: string[] = [];
    const skips = new Set<number>();
    const seen = new Set<ComfyNode>();
    const missing = (why: string) =>
        notes.push(`The ${role === 'positive' ? 'prompt' : 'negative prompt'} can't be read: ${why}.`);

    const visit = (from: ComfyNode, names: readonly string[]): void => {
        const end = graph.behind(from, ...names);
        if (!end || seen.has(end.node)) return;
        const { node, output } = end;
        seen.add(node);
        if (/zero_?out/i.test(node.type)) {
            notes.push(
                `The ${role} conditioning is zeroed by ${nodeLabel(node)}: specs can't say that${role === 'negative' ? '; there is no negative prompt here' : ''}.`,
            );
            return;
        }
        // One of both roles: by the name of the input, since outputs have none in a graph.
        if (has(node, 'positive') && has(node, 'negative')) {
            if (node.links.has(role)) visit(node, [role]);
            else add(node, [role]);
            return;
        }
        const encoded = TEXTS.filter((name) => has(node, name) && name !== 'positive' && name !== 'negative');
        if (encoded.length > 0 && !node.links.has('conditioning')) {
            add(node, encoded);
            return;
        }
        const inputs = [...node.links.keys()].filter((name) => onTheWay(name, role));
        if (inputs.length === 0) {
            missing(`it comes of output ${output} of ${nodeLabel(node)}`);
            return;
        }
        for (const name of inputs) visit(node, [name]);
    };

    /** Texts of one encoder; where it has several, they are said to differ. */
    const add = (node: ComfyNode, names: readonly string[]): void => {
        const read = names.flatMap((name) => {
            const value = graph.value(node, name);
            if (value && 'unread' in value) missing(`it comes ${value.unread}`);
            const text = value && 'value' in value ? textOf(value.value) : undefined;
            return text === undefined ? [] : [{ name, text }];
        });
        const [first, ...others] = read;
        if (first) texts.push(first.text);
        for (const { name, text } of others) {
            if (text !== first?.text && text.trim() !== '')
                notes.push(`${nodeLabel(node)} has another ${name}: ${text}`);
        }
        const skip = clipSkipOf(graph, node);
        if (skip !== undefined) skips.add(skip);
    };

    if (sampler.links.has(role)) visit(sampler, [role]);
    else if (role === 'positive' && sampler.links.has('conditioning')) visit(sampler, ['conditioning']);
    else
        visit(
            sampler,
            [...sampler.links.keys()].filter((name) => /pipe|context/i.test(name)),
        );
    if (skips.size > 1) notes.push(`Parts of the prompt have clip skip ${[...skips].join(' and ')}.`);
    if (texts.length > 1) {
        const what = `${texts.length} ${role} prompts`;
        notes.push(`${what} are mixed: here they are one. An \`ensemble\` mixes them too.`);
    }
    const [clipSkip] = skips;
    return {
        ...(texts.length > 0 ? { text: texts.join(', ') } : {}),
        ...(clipSkip === undefined ? {} : { clipSkip }),
        notes,
    };
}

function has({ values, links }: ComfyNode, name: string): boolean {
    return values.has(name) || links.has(name);
}

function onTheWay(name: string, role: ComfyRole): boolean {
    if (name === role || /^(conditioning|cond)(_|\d|$)/i.test(name) || /pipe|context/i.test(name)) return true;
    return role === 'positive' && /^positive/.test(name);
}

/** Of the layers that the encoder behind a node's `clip` leaves out: -1 is the last layer, -2 the one before. */
export function clipSkipOf(graph: ComfyGraph, node: ComfyNode): number | undefined {
    const seen = new Set<ComfyNode>();
    for (let next: ComfyNode | undefined = node; next && !seen.has(next); next = graph.behind(next, 'clip')?.node) {
        seen.add(next);
        const layer = graph.number(next, 'stop_at_clip_layer', 'clip_skip');
        if (layer !== undefined) return Math.max(0, Math.abs(layer) - 1);
    }
    return undefined;
}
