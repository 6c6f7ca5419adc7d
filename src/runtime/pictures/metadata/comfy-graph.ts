/** ComfyUI's graph of nodes: bounded and checked when it is read, its links followed by the names of inputs. */
import * as v from 'valibot';
import { numberOf, textOf } from '../../../plan/origin.ts';
import { parseJson } from './json.ts';

/** `[node, output]`. */
export type Link = readonly [node: string, output: number];

export interface ComfyNode {
    readonly id: string;
    readonly type: string;
    /** Literal values, links apart. */
    readonly values: ReadonlyMap<string, unknown>;
    readonly links: ReadonlyMap<string, Link>;
}

/** Larger graphs are refused: no person wires them. */
export const MOST_NODES = 2000;
const MOST_INPUTS = 500;
/** Links that are followed for values, all together: texts joined of texts joined of texts grow without end. */
const MOST_STEPS = 5000;
const LONGEST_TEXT = 100_000;

const RawNode = v.object({
    class_type: v.pipe(v.string(), v.maxLength(300)),
    inputs: v.pipe(
        v.record(v.string(), v.unknown()),
        v.check((inputs) => Object.keys(inputs).length <= MOST_INPUTS),
    ),
});

/** A value that an input holds or gets through its link; `unread` says why there is none. */
export type ComfyValue = { readonly value: unknown } | { readonly unread: string } | undefined;

export class ComfyGraph {
    readonly #nodes: ReadonlyMap<string, ComfyNode>;
    readonly #used = new Map<ComfyNode, Set<string>>();
    #steps = 0;

    private constructor(nodes: ReadonlyMap<string, ComfyNode>) {
        this.#nodes = nodes;
    }

    /** Undefined for what is no graph of nodes; what is no node in it is left out. A graph that is too large is its number of nodes. */
    static parse(text: string): ComfyGraph | number | undefined {
        const json = parseJson(text);
        if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
        const entries = Object.entries(json);
        if (entries.length > MOST_NODES) return v.is(RawNode, entries[0]?.[1]) ? entries.length : undefined;
        const nodes = new Map<string, ComfyNode>();
        for (const [id, raw] of entries) {
            const { success, output } = v.safeParse(RawNode, raw);
            if (success) nodes.set(id, nodeOf(id, output));
        }
        return nodes.size > 0 ? new ComfyGraph(nodes) : undefined;
    }

    get nodes(): readonly ComfyNode[] {
        return [...this.#nodes.values()];
    }

    at(link: Link | undefined): ComfyNode | undefined {
        return link && this.#nodes.get(link[0]);
    }

    /** The node that an input's link leads to, reroutes passed by. */
    behind(
        node: ComfyNode,
        ...names: readonly string[]
    ): { readonly node: ComfyNode; readonly output: number } | undefined {
        const name = names.find((one) => node.links.has(one));
        return name === undefined ? undefined : this.#resolve(node.links.get(name)!);
    }

    #resolve(link: Link): { readonly node: ComfyNode; readonly output: number } | undefined {
        let next: Link | undefined = link;
        for (let hops = 0; next && hops < MOST_NODES; hops++) {
            const node = this.at(next);
            const through = node && throughOf(node);
            if (!node || !through) return node && { node, output: next[1] };
            this.use(node);
            next = through;
        }
        return undefined;
    }

    /** The nearest node upstream of a node (itself first) that fits. */
    nearest(from: ComfyNode, fits: (node: ComfyNode) => boolean): ComfyNode | undefined {
        for (const node of this.#upstream(from)) if (fits(node)) return node;
        return undefined;
    }

    /** A node and all that lead to it, nearest first, each once. */
    upstream(from: ComfyNode): readonly ComfyNode[] {
        return [...this.#upstream(from)];
    }

    *#upstream(from: ComfyNode): Generator<ComfyNode> {
        const found = new Set([from]);
        for (const node of found) {
            yield node;
            for (const link of node.links.values()) {
                const next = this.at(link);
                if (next) found.add(next);
            }
        }
    }

    /** Nodes that get, over any links, what these nodes make; themselves included. */
    downstream(from: readonly ComfyNode[]): ReadonlySet<ComfyNode> {
        const followers = new Map<string, ComfyNode[]>();
        for (const node of this.nodes)
            for (const [id] of node.links.values()) followers.set(id, [...(followers.get(id) ?? []), node]);
        const found = new Set(from);
        for (const node of found) for (const next of followers.get(node.id) ?? []) found.add(next);
        return found;
    }

    /** The value of the first of these inputs that a node has. */
    value(node: ComfyNode, ...names: readonly string[]): ComfyValue {
        const name = names.find((one) => node.values.has(one) || node.links.has(one));
        if (name === undefined) return undefined;
        if (!node.links.has(name)) return { value: this.literal(node, name) };
        return this.#through(node.links.get(name)!, names, 0);
    }

    number(node: ComfyNode, ...names: readonly string[]): number | undefined {
        const found = this.value(node, ...names);
        return found && 'value' in found ? numberOf(found.value) : undefined;
    }

    text(node: ComfyNode, ...names: readonly string[]): string | undefined {
        const found = this.value(node, ...names);
        return found && 'value' in found ? textOf(found.value) : undefined;
    }

    /** A literal input, which counts as read from then on. */
    literal(node: ComfyNode, name: string): unknown {
        this.use(node, name);
        return node.values.get(name);
    }

    /** Marks inputs as read; without names all that the node has. */
    use(node: ComfyNode, ...names: readonly string[]): void {
        const used = this.#used.get(node) ?? new Set();
        for (const name of names.length > 0 ? names : node.values.keys()) used.add(name);
        this.#used.set(node, used);
    }

    /** Literal inputs of a node that were not read. */
    unread(node: ComfyNode): readonly (readonly [name: string, value: unknown])[] {
        const used = this.#used.get(node);
        return [...node.values].filter(([name]) => !used?.has(name));
    }

    /**
     * The value at the end of a link: of the input that is called like the one that asks, of the only value of a node
     * with one output, of texts that a node joins, or of the input that a switch selects.
     */
    #through(link: Link, names: readonly string[], depth: number): ComfyValue {
        const end = this.#resolve(link);
        if (!end || depth > 50 || ++this.#steps > MOST_STEPS) return { unread: 'its link leads nowhere' };
        const { node, output } = end;
        const follow = (name: string): ComfyValue => {
            const next = node.links.get(name);
            return next ? this.#through(next, names, depth + 1) : { value: this.literal(node, name) };
        };
        const has = (name: string) => node.values.has(name) || node.links.has(name);
        const parts = partsOf(node);
        if (parts) {
            const texts = parts.map(follow).map((one) => (one && 'value' in one ? textOf(one.value) : undefined));
            const separator = ['delimiter', 'separator', 'join_with'].find((name) => node.values.has(name));
            const between = separator === undefined ? '' : (textOf(this.literal(node, separator)) ?? '');
            this.use(node);
            if (texts.some((text) => text === undefined)) return { unread: `of ${nodeLabel(node)}` };
            const joined = texts.filter((text) => text !== '').join(between.replaceAll('\\n', '\n'));
            return joined.length > LONGEST_TEXT ? { unread: `of ${nodeLabel(node)}` } : { value: joined };
        }
        const selected = selectedOf(node);
        if (selected !== undefined) {
            this.use(node);
            return follow(selected);
        }
        // The text after its wildcards were filled.
        if (has('populated_text')) return follow('populated_text');
        if (COMPUTES.test(node.type)) return { unread: `of output ${output} of ${nodeLabel(node)}` };
        const named = names.find(has);
        if (named !== undefined) return follow(named);
        const only = PRIMITIVES.find(has);
        if (output === 0 && only !== undefined && node.links.size === 0) return follow(only);
        return { unread: `of output ${output} of ${nodeLabel(node)}` };
    }
}

function nodeOf(id: string, { class_type, inputs }: v.InferOutput<typeof RawNode>): ComfyNode {
    const values = new Map<string, unknown>();
    const links = new Map<string, Link>();
    for (const [name, input] of Object.entries(inputs)) {
        if (isLink(input)) links.set(name, [String(input[0]), input[1]]);
        else values.set(name, input);
    }
    return { id, type: class_type, values, links };
}

function isLink(input: unknown): input is readonly [string | number, number] {
    if (!Array.isArray(input) || input.length !== 2) return false;
    const [id, output] = input as readonly unknown[];
    return (typeof id === 'string' || typeof id === 'number') && Number.isInteger(output) && (output as number) >= 0;
}

export function nodeLabel({ type, id }: ComfyNode): string {
    return `${type} (${id})`;
}

/** Inputs of nodes that hold one value. */
const PRIMITIVES = [
    'value',
    'text',
    'string',
    'String',
    'prompt',
    'int',
    'float',
    'number',
    'Number',
    'seed',
    'noise_seed',
    'boolean',
];

/** The link that a node passes on as it is. */
function throughOf(node: ComfyNode): Link | undefined {
    if (isReroute(node)) return [...node.links.values()][0];
    const selected = selectedOf(node);
    return selected === undefined ? undefined : node.links.get(selected);
}

/** Passes on what it gets. */
function isReroute({ values, links, type }: ComfyNode): boolean {
    return links.size === 1 && values.size === 0 && /reroute|bus|pass|get|set|anything/i.test(type);
}

/** Nodes that make another value of those that they are given. */
const COMPUTES = /math|operation|expression|calc|random|replace|regex|wildcard|script|func/i;

/** The inputs that a node joins to one text, in their order. */
function partsOf({ type, values, links }: ComfyNode): readonly string[] | undefined {
    if (!/concat|join|append|combine/i.test(type) || /conditioning/i.test(type)) return undefined;
    const names = [...new Set([...values.keys(), ...links.keys()])].filter((name) =>
        /^(text|string|str)[_ ]?(\d+|[a-z])$/i.test(name),
    );
    return names.length > 0 ? names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })) : undefined;
}

/** The input that a switch lets through. */
function selectedOf({ type, values, links }: ComfyNode): string | undefined {
    if (!/switch|selector/i.test(type)) return undefined;
    const number = ['select', 'Input', 'input', 'index', 'selector']
        .map((name) => values.get(name))
        .find((one) => typeof one === 'number');
    if (typeof number !== 'number') return undefined;
    const names = [...links.keys(), ...values.keys()].filter((name) => new RegExp(`[a-z_ ]${number}$`, 'i').test(name));
    return names.length === 1 ? names[0] : undefined;
}
