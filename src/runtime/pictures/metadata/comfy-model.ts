/** The model of ComfyUI's graph: from a sampler back to the checkpoint, with the LoRAs and changes on the way. */
import { type Found, numberOf, type OriginLora, textOf } from '../../../plan/origin.ts';
import type { ComfyGraph, ComfyNode } from './comfy-graph.ts';
import { nodeLabel } from './comfy-graph.ts';
import { clipSkipOf } from './comfy-text.ts';
import { recordOf } from './record.ts';

export interface ComfyModel {
    readonly found: Pick<Found, 'model' | 'vae' | 'loras' | 'rescale' | 'prediction' | 'zeroSnr'>;
    readonly clipSkip?: number;
    readonly notes: readonly string[];
}

const CHECKPOINTS = ['ckpt_name', 'unet_name', 'base_ckpt_name', 'model_name', 'ckpt', 'checkpoint'];

/** `from` are the nodes that may have the link to the model, the likelier first. */
export function comfyModel(graph: ComfyGraph, from: readonly ComfyNode[]): ComfyModel {
    const loras: OriginLora[] = [];
    const notes: string[] = [];
    let found: ComfyModel['found'] = {};
    let skip: number | undefined;
    const seen = new Set<ComfyNode>();
    const visit = (node: ComfyNode): void => {
        if (seen.has(node)) return;
        seen.add(node);
        for (const [input, link] of node.links) {
            const next = /stack/i.test(input) ? graph.at(link) : undefined;
            if (next) visit(next);
        }
        loras.unshift(...lorasOf(graph, node));
        found = { ...changesOf(graph, node), ...found };
        if (node.values.has('clip_skip')) skip ??= clipSkipOf(graph, node);
        const model = graph.text(node, ...CHECKPOINTS);
        if (model !== undefined) found = { ...found, model: found.model ?? model };
        const next = graph.behind(node, 'model', 'pipe', 'context', 'base_ctx')?.node;
        if (next) visit(next);
        else if (model === undefined && !/stack/i.test(node.type))
            notes.push(`The model can't be read: it comes from ${nodeLabel(node)}.`);
    };
    const start = from
        .map((node) => graph.behind(node, 'model', 'pipe', 'context')?.node)
        .find((node) => node !== undefined);
    if (start) visit(start);
    else notes.push("The model can't be read: nothing leads to it.");
    const vae = graph.nodes.find(({ type, values }) => /vae/i.test(type) && values.has('vae_name'));
    const name = vae && textOf(graph.literal(vae, 'vae_name'));
    return {
        found: { ...found, loras, ...(name ? { vae: name } : {}) },
        ...(skip === undefined ? {} : { clipSkip: skip }),
        notes,
    };
}

/** What a node changes of the model, where specs have a word for it. */
function changesOf(graph: ComfyGraph, node: ComfyNode): ComfyModel['found'] {
    if (/^RescaleCFG/i.test(node.type)) return { rescale: graph.number(node, 'multiplier') };
    const sampling = textOf(node.values.get('sampling'));
    if (/^ModelSamplingDiscrete/.test(node.type) && (sampling === 'v_prediction' || sampling === 'eps')) {
        const zeroSnr = sampling === 'v_prediction' && node.values.get('zsnr') === true;
        graph.use(node, 'sampling', ...(zeroSnr || node.values.get('zsnr') === false ? ['zsnr'] : []));
        return { prediction: sampling === 'eps' ? 'epsilon' : 'v', zeroSnr: zeroSnr || undefined };
    }
    const vae = textOf(node.values.get('vae_name'));
    if (vae && !/^baked/i.test(vae)) {
        graph.use(node, 'vae_name');
        return { vae };
    }
    return {};
}

/** The LoRAs of one node: one, several numbered ones, or a list of switches. */
function lorasOf(graph: ComfyGraph, node: ComfyNode): readonly OriginLora[] {
    const found: OriginLora[] = [];
    const add = (name: unknown, weight: unknown, text: unknown) => {
        const file = textOf(name);
        const [unet, clip] = [numberOf(weight) ?? 1, numberOf(text)];
        if (!file || file === 'None') return;
        found.push({ name: file, weight: unet, ...(clip === undefined || clip === unet ? {} : { text: clip }) });
    };
    const take = (...names: readonly string[]) => {
        const name = names.find((one) => node.values.has(one) || node.links.has(one));
        const value = name === undefined ? undefined : graph.value(node, name);
        return value && 'value' in value ? value.value : undefined;
    };
    if (node.values.has('lora_name') || node.links.has('lora_name')) {
        add(
            take('lora_name'),
            take('strength_model', 'lora_model_strength', 'strength', 'lora_strength'),
            take('strength_clip', 'lora_clip_strength'),
        );
    }
    const count = numberOf(node.values.get('lora_count')) ?? 50;
    if (node.values.has('lora_count')) graph.use(node, 'lora_count', 'input_mode');
    for (let n = 1; n <= 50; n++) {
        const name = [`lora_name_${n}`, `lora_${n}_name`].find((one) => node.values.has(one));
        if (name !== undefined) {
            const isOn = n <= count && !['off', false].includes(node.values.get(`switch_${n}`) as string);
            graph.use(node, `switch_${n}`);
            const isSimple = node.values.has(`lora_wt_${n}`) && node.values.get('input_mode') !== 'advanced';
            const weights = isSimple ? [`lora_wt_${n}`] : [`model_str_${n}`, `model_weight_${n}`, `strength_${n}`];
            const weight = take(...weights);
            const clip = isSimple ? undefined : take(`clip_str_${n}`, `clip_weight_${n}`);
            const file = take(name);
            graph.use(node, `lora_wt_${n}`, `model_str_${n}`, `clip_str_${n}`);
            if (isOn) add(file, weight, clip);
        }
    }
    for (const [name, value] of node.values) {
        const json = /^lora/i.test(name) && typeof value === 'object' ? recordOf(value) : undefined;
        if (!json || !('lora' in json)) continue;
        graph.use(node, name);
        if (json['on'] !== false) add(json['lora'], json['strength'], json['strengthTwo'] ?? undefined);
    }
    return found;
}
