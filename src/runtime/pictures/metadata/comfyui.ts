/** The `prompt` text of ComfyUI: a graph of nodes, of which the sampler that leads to the saved picture says most. */
import { type Found, noteOf, numberOf, type Origin, originOf, seedOf, textOf } from '../../../plan/origin.ts';
import { samplerOf } from '../../../plan/other-tools/sampler-names.ts';
import { ComfyGraph, type ComfyNode, type ComfyValue, MOST_NODES, nodeLabel } from './comfy-graph.ts';
import { type ComfyModel, comfyModel } from './comfy-model.ts';
import { type ComfyConditioning, comfyConditioning } from './comfy-text.ts';

/** More comments than this say less. */
const MOST_NOTES = 60;

/** Undefined where the text is no such graph. */
export function readComfyGraph(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const graph = ComfyGraph.parse(text);
    if (!graph) return undefined;
    if (typeof graph === 'number') {
        return originOf('comfyui', texts, {
            notes: [`The graph has ${graph} nodes: graphs of up to ${MOST_NODES} are read.`],
        });
    }
    const saved = savedNode(graph);
    const last = saved ? graph.nearest(saved, isSampler) : graph.nodes.find(isSampler);
    if (!last) {
        const notes = graph.nodes.flatMap((node) => unreadOf(graph, node, undefined));
        return originOf('comfyui', texts, { notes: ['No sampler was found in the graph.', ...atMost(notes)] });
    }
    const sampler = firstPass(graph, last);
    const notes: string[] = [];
    /** A value that is given but cannot be read is said to be so. */
    const read: Read = (what, value, as) => {
        if (!value) return undefined;
        const found = 'value' in value ? as(value.value) : undefined;
        if ('unread' in value) notes.push(`The ${what} can't be read: it comes ${value.unread}.`);
        return found;
    };
    const guider = graph.behind(sampler, 'guider')?.node ?? sampler;
    const latent = latentOf(graph, sampler);
    const model = comfyModel(graph, [guider, sampler]);
    const positive = comfyConditioning(graph, guider, 'positive');
    const negative = comfyConditioning(graph, guider, 'negative');
    const { strength, ...steps } = stepsOf(graph, sampler, read);
    const guidance = read('guidance', graph.value(guider, 'cfg', 'guidance', 'cfg_scale'), numberOf);
    const found: Found = {
        prompt: positive.text,
        negative: negative.text,
        seed: read('seed', graph.value(graph.behind(sampler, 'noise')?.node ?? sampler, 'seed', 'noise_seed'), seedOf),
        ...steps,
        guidance: guidance ?? (guider.type === 'BasicGuider' ? 1 : undefined),
        ...latent.size,
        ...model.found,
        clipSkip: clipSkipIn(model, positive, negative, notes),
        strength: latent.fromPicture ? (strength ?? 1) : undefined,
        noise: 'torch-cpu',
        embeddings: embeddingsIn(`${positive.text ?? ''} ${negative.text ?? ''}`),
    };
    if (!latent.fromPicture && strength !== undefined && strength < 1) notes.push(`denoise: ${strength}`);
    const rest = graph.upstream(saved ?? last).flatMap((node) => unreadOf(graph, node, sampler));
    const all = [...notes, ...latent.notes, ...positive.notes, ...negative.notes, ...model.notes, ...rest];
    return originOf('comfyui', texts, { ...found, notes: atMost(all) });
}

function atMost(notes: readonly string[]): readonly string[] {
    const more = notes.length - MOST_NOTES;
    return more > 0 ? [...notes.slice(0, MOST_NOTES), `… and ${more} more.`] : notes;
}

/** The node whose pictures are saved, else shown, else that nothing follows. */
function savedNode(graph: ComfyGraph): ComfyNode | undefined {
    const fed = new Set(graph.nodes.flatMap(({ links }) => [...links.values()].map(([id]) => id)));
    const ends = graph.nodes.filter(({ id, links }) => links.size > 0 && !fed.has(id));
    const sampled = graph.downstream(graph.nodes.filter(isSampler));
    const candidates = [
        ...graph.nodes.filter(({ type, links }) => /save/i.test(type) && links.size > 0),
        ...graph.nodes.filter(({ type, links }) => /preview/i.test(type) && links.size > 0),
        ...ends,
    ];
    return candidates.find((node) => sampled.has(node));
}

const LATENTS = ['latent_image', 'latent', 'latents', 'samples', 'optional_latent', 'optional_latent_image', 'image'];

/** Whether a node turns noise into a picture: it has settings of a sampler, and something to start from or to follow. */
function isSampler({ type, values, links }: ComfyNode): boolean {
    const has = (names: readonly string[]) => names.some((name) => values.has(name) || links.has(name));
    const sets = has(['steps', 'sampler_name', 'sampler', 'sigmas', 'seed', 'noise_seed', 'noise']);
    const follows = ['positive', 'guider', 'latent_image', 'pipe', 'context'].some((name) => links.has(name));
    return sets && follows && (/sampler|upscale|detailer|refine/i.test(type) || links.has('latent_image'));
}

/** Passes over a picture that another sampler made lead back to that one: it began from noise. */
function firstPass(graph: ComfyGraph, last: ComfyNode): ComfyNode {
    let first = last;
    const seen = new Set([last]);
    for (;;) {
        const start = graph.behind(first, ...LATENTS)?.node;
        const before = start && graph.nearest(start, isSampler);
        if (!before || seen.has(before)) return first;
        seen.add(before);
        first = before;
    }
}

type Read = <T>(what: string, value: ComfyValue, as: (value: unknown) => T | undefined) => T | undefined;

/** Steps, sampler, schedule and strength: the sampler's own, or of the nodes that feed it. */
function stepsOf(graph: ComfyGraph, sampler: ComfyNode, read: Read): Found {
    const sigmas = graph.behind(sampler, 'sigmas')?.node ?? sampler;
    const chosen = graph.behind(sampler, 'sampler')?.node ?? sampler;
    const name = read('sampler', graph.value(chosen, 'sampler_name', 'sampler'), textOf) ?? samplerClass(chosen);
    const schedule = read('schedule', graph.value(sigmas, 'scheduler', 'schedule'), textOf) ?? schedulerClass(sigmas);
    const eta = graph.value(chosen, 'eta');
    return {
        steps: read('steps', graph.value(sigmas, 'steps'), numberOf),
        strength: read('strength', graph.value(sigmas, 'denoise'), numberOf),
        ...(name ? samplerOf(name, schedule) : {}),
        ...(eta ? { eta: read('eta', eta, numberOf) } : {}),
    };
}

/** `SamplerEulerAncestral` and its like name the sampler by their class. */
function samplerClass({ type }: ComfyNode): string | undefined {
    return /^Sampler(?!Custom)(\w+)$/.exec(type)?.[1];
}

/** `KarrasScheduler`, `AlignYourStepsScheduler`; the basic one has the schedule as a setting. */
function schedulerClass({ type }: ComfyNode): string | undefined {
    return /^(?!Basic)(\w+?)Scheduler$/.exec(type)?.[1]?.replace(/Advanced$/, '');
}

// ── Where it starts ────────────────────────────────────────────────────

interface LatentFacts {
    readonly size: Pick<Found, 'width' | 'height'>;
    readonly fromPicture: boolean;
    readonly notes: readonly string[];
}

/** The size of an empty latent, or the picture that is encoded. */
function latentOf(graph: ComfyGraph, sampler: ComfyNode): LatentFacts {
    const seen = new Set<ComfyNode>();
    let node = graph.behind(sampler, ...LATENTS)?.node;
    for (; node && !seen.has(node); node = graph.behind(node, ...LATENTS)?.node) {
        seen.add(node);
        if (node.links.has('pixels') || (node.links.has('image') && !node.links.has('samples'))) {
            const file = graph.nearest(node, ({ type, values }) => /image/i.test(type) && values.has('image'));
            const name = file && textOf(graph.literal(file, 'image'));
            return {
                size: {},
                fromPicture: true,
                notes: [`The picture it starts from, which gives the size: ${name ?? nodeLabel(node)}`],
            };
        }
        const [width, height] = sizeOf(graph, node);
        if (width && height) return { size: { width, height }, fromPicture: false, notes: [] };
        if (!graph.behind(node, ...LATENTS)) break;
    }
    return {
        size: {},
        fromPicture: false,
        notes: [`The size can't be read${node ? `: it comes from ${nodeLabel(node)}` : ''}.`],
    };
}

const WIDTH = ['width', 'empty_latent_width', 'Width'];
const HEIGHT = ['height', 'empty_latent_height', 'Height'];

function sizeOf(graph: ComfyGraph, node: ComfyNode): readonly (number | undefined)[] {
    const size = [graph.number(node, ...WIDTH), graph.number(node, ...HEIGHT)];
    const text = written(node);
    if (size.every((side) => side !== undefined) || !text) return size;
    graph.use(node, text.name);
    return text.size;
}

/** `832 x 1216 (portrait)` in an input of one text. */
function written({ values }: ComfyNode): { readonly name: string; readonly size: readonly number[] } | undefined {
    for (const name of ['dimensions', 'resolution', 'size', 'ratio']) {
        const found = /(\d{2,5})\s*[x×]\s*(\d{2,5})/.exec(textOf(values.get(name)) ?? '');
        if (found) return { name, size: [Number(found[1]), Number(found[2])] };
    }
    return undefined;
}

// ── What is left ───────────────────────────────────────────────────────

/** The text encoders of both prompts skip the same layers here; where they differ, that is said. */
function clipSkipIn(
    model: ComfyModel,
    positive: ComfyConditioning,
    negative: ComfyConditioning,
    notes: string[],
): number | undefined {
    const [first, second] = [positive.clipSkip ?? model.clipSkip, negative.clipSkip ?? model.clipSkip];
    if (negative.text && first !== second) notes.push(`The negative prompt has clip skip ${second ?? 0}.`);
    return first;
}

function embeddingsIn(text: string): readonly string[] {
    return [
        ...new Set(
            [...text.matchAll(/\bembedding:([^\s,:()]+)/g)].map(([, name]) =>
                name!.replace(/\.(safetensors|pt|bin)$/, ''),
            ),
        ),
    ];
}

/** Nodes that only carry on what others say. */
const PLAIN =
    /^(KSampler|SamplerCustom|CLIPTextEncode|EmptyLatentImage|VAEDecode|VAEEncode|VAELoader|SaveImage|PreviewImage|CheckpointLoader|UNETLoader|CLIPLoader|DualCLIPLoader|LoraLoader|Power Lora Loader|CLIPSetLastLayer|Reroute|Note|LoadImage|KSamplerSelect|BasicScheduler|RandomNoise|CFGGuider|BasicGuider|Primitive|Efficient Loader|ConditioningZeroOut|ModelSamplingDiscrete|RescaleCFG|Image ?Saver)/i;

/** Settings that change no picture, or are what they are by default. */
const NEUTRAL: Readonly<Record<string, readonly unknown[] | 'any'>> = {
    filename_prefix: 'any',
    control_after_generate: 'any',
    choose_file_to_upload: 'any',
    upload: 'any',
    preview_method: 'any',
    vae_decode: 'any',
    filename: 'any',
    path: 'any',
    extension: 'any',
    speak_and_recognation: 'any',
    weight_dtype: ['default'],
    device: ['default', 'auto'],
    token_normalization: ['none'],
    weight_interpretation: ['comfy'],
    add_noise: ['enable', true],
    start_at_step: [0],
    return_with_leftover_noise: ['disable', false],
    end_at_step: [10000],
    denoise: [1],
    batch_size: [1],
    vae_name: ['Baked VAE'],
    lora_name: ['None'],
    tiling: ['disable'],
    clip_skip: [-1],
};

/** A node that is unknown here, and every setting of a known one that was not read. */
function unreadOf(graph: ComfyGraph, node: ComfyNode, sampler: ComfyNode | undefined): readonly string[] {
    const left = graph.unread(node).filter(([name, value]) => {
        const neutral = Object.hasOwn(NEUTRAL, name) ? NEUTRAL[name]! : [];
        return neutral !== 'any' && !neutral.includes(value) && noteOf(name, value) !== undefined;
    });
    if (left.length === 0 && PLAIN.test(node.type)) return [];
    const settings = left.map(([name, value]) => noteOf(name, value)!).join(', ');
    const what = node !== sampler && isSampler(node) ? `Another pass, ${nodeLabel(node)}` : nodeLabel(node);
    return [settings ? `${what}: ${settings}` : what];
}
