/** The `prompt` text of ComfyUI: a graph of nodes, of which the sampler that leads to the saved picture says most. */
import { numberOf, type Origin, type OriginLora, originOf, textOf } from '../../../plan/origin.ts';
import { samplerOf } from './sampler-names.ts';

interface Node {
    readonly class_type: string;
    readonly inputs: Readonly<Record<string, unknown>>;
}
type Graph = Readonly<Record<string, Node>>;

/** Undefined where the text is no such graph or nothing in it samples. */
export function readComfyGraph(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const graph = graphOf(text);
    const sampler = graph && samplerNode(graph);
    if (!graph || !sampler) return undefined;
    const { inputs } = sampler;
    const input = (...names: string[]) =>
        names.map((name) => value(graph, inputs[name])).find((one) => one !== undefined);
    const method = textOf(input('sampler_name')) ?? textOf(inputOf(graph, inputs['sampler'], 'sampler_name'));
    const schedule = textOf(input('scheduler')) ?? textOf(inputOf(graph, inputs['sigmas'], 'scheduler'));
    const latents = findNode(graph, inputs['latent_image'], ({ inputs: one }) => 'width' in one && 'height' in one);
    const guider = inputs['guider'] === undefined ? sampler : (nodeAt(graph, inputs['guider']) ?? sampler);
    const strength = numberOf(input('denoise'));
    const { model, loras } = modelOf(graph, guider.inputs['model'] ?? inputs['model']);
    return originOf('comfyui', texts, {
        prompt: conditioningText(graph, guider.inputs['positive'] ?? guider.inputs['conditioning']),
        negative: conditioningText(graph, guider.inputs['negative']),
        seed: numberOf(input('seed', 'noise_seed')) ?? numberOf(inputOf(graph, inputs['noise'], 'noise_seed')),
        steps: numberOf(input('steps')) ?? numberOf(inputOf(graph, inputs['sigmas'], 'steps')),
        ...(method ? samplerOf(method, schedule) : {}),
        guidance: numberOf(input('cfg')) ?? numberOf(value(graph, guider.inputs['cfg'])),
        width: numberOf(value(graph, latents?.inputs['width'])),
        height: numberOf(value(graph, latents?.inputs['height'])),
        model,
        loras: loras.length > 0 ? loras : undefined,
        strength: strength !== undefined && strength < 1 ? strength : undefined,
        noise: 'torch-cpu',
    });
}

function graphOf(text: string): Graph | undefined {
    try {
        // Python writes NaN and infinities, which JSON has not.
        const graph: unknown = JSON.parse(text.replace(/(:\s*)(-?Infinity|NaN)/g, '$1null'));
        const nodes = Object.entries(graph as Graph).filter(
            ([, node]) =>
                typeof node?.class_type === 'string' && typeof node.inputs === 'object' && node.inputs !== null,
        );
        return nodes.length > 0 ? Object.fromEntries(nodes) : undefined;
    } catch {
        return undefined;
    }
}

/** The first sampler upstream of a saved picture, else the first at all. */
function samplerNode(graph: Graph): Node | undefined {
    const samples = (node: Node) => /sampler/i.test(node.class_type) && 'latent_image' in node.inputs;
    const saved = Object.entries(graph).filter(([, { class_type }]) => /^(Save|Preview)Image/.test(class_type));
    for (const [id] of saved) {
        const found = findNode(graph, [id, 0], samples);
        if (found) return found;
    }
    return Object.values(graph).find(samples);
}

/** A link is `[node, output]`. */
function nodeAt(graph: Graph, link: unknown): Node | undefined {
    return Array.isArray(link) ? graph[String(link[0])] : undefined;
}

/** The nearest node upstream of a link (its own node first) that fits. */
function findNode(graph: Graph, link: unknown, fits: (node: Node) => boolean): Node | undefined {
    const queue = [link];
    const seen = new Set<Node>();
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const node = nodeAt(graph, next);
        if (!node || seen.has(node)) continue;
        if (fits(node)) return node;
        seen.add(node);
        queue.push(...Object.values(node.inputs).filter(Array.isArray));
    }
    return undefined;
}

/** An input's value; links are followed to nodes that hold one value. */
function value(graph: Graph, input: unknown, depth = 0): unknown {
    if (!Array.isArray(input)) return input;
    const node = nodeAt(graph, input);
    if (!node || depth > 20) return undefined;
    const held = ['value', 'text', 'string', 'seed', 'noise_seed', 'int', 'float'].find((name) => name in node.inputs);
    return held === undefined ? undefined : value(graph, node.inputs[held], depth + 1);
}

/** An input of the node that a link leads to. */
function inputOf(graph: Graph, link: unknown, name: string): unknown {
    const node = findNode(graph, link, ({ inputs }) => name in inputs);
    return node && value(graph, node.inputs[name]);
}

/** The texts that feed a conditioning, several joined by AND as they are combined. */
function conditioningText(graph: Graph, link: unknown): string | undefined {
    const texts: string[] = [];
    const seen = new Set<Node>();
    const visit = (one: unknown) => {
        const node = nodeAt(graph, one);
        if (!node || seen.has(node)) return;
        seen.add(node);
        const names = ['text', 'text_g', 'string', 'prompt'];
        const text = names.map((name) => textOf(value(graph, node.inputs[name]))).find((found) => found !== undefined);
        if (text !== undefined) texts.push(text);
        else
            for (const [name, input] of Object.entries(node.inputs))
                if (/conditioning|positive/.test(name)) visit(input);
    };
    visit(link);
    return texts.length > 0 ? texts.join(' AND ') : undefined;
}

/** The checkpoint upstream of a model link, and the LoRAs on the way, in the order in which they are applied. */
function modelOf(graph: Graph, link: unknown): { model: string | undefined; loras: OriginLora[] } {
    const loras: OriginLora[] = [];
    let model: string | undefined;
    let node = nodeAt(graph, link);
    for (let depth = 0; node && depth < 100; depth++) {
        const { inputs } = node;
        model ??= textOf(inputs['ckpt_name']) ?? textOf(inputs['unet_name']);
        const name = textOf(inputs['lora_name']);
        if (name !== undefined) loras.unshift({ name, weight: numberOf(inputs['strength_model']) ?? 1 });
        node = nodeAt(graph, inputs['model']);
    }
    return { model, loras };
}
