/** The VAE of Stable Diffusion: pictures to latents and back. */

import type { VaeConfig } from '../weights/config.ts';
import type { ConfiguredPart } from '../weights/parts.ts';
import { attention } from './attention.ts';
import { resnet, upsample } from './blocks.ts';
import type { OperatorForms } from './forms/operator-forms.ts';
import { Graph } from './graph.ts';
import { type Feature, Layers } from './layers.ts';

/** The VAE's norms have this epsilon whatever its configuration says. */
const EPSILON = 1e-6;

/**
 * `pixels [B, 3, H, W]` in [-1, 1] → `mean` and `logvar` `[B, 4, H/8, W/8]`; logvar is clamped to [-30, 20].
 * Latents here are not multiplied by the scaling factor.
 */
export function vaeEncoderGraph(part: ConfiguredPart<VaeConfig>, forms: OperatorForms): Graph {
    const { config } = part;
    const graph = new Graph('vae encoder');
    const layers = new Layers(graph, part.weights, forms);
    const norm = { groups: config.normGroups, epsilon: EPSILON };
    const pixels = graph.input('pixels', ['B', config.imageChannels, 'H', 'W']);
    let h = layers.conv({ value: pixels, channels: config.imageChannels }, 'encoder.conv_in', config.widths[0]!);
    for (const [level, width] of config.widths.entries()) {
        const block = `encoder.down_blocks.${level}`;
        for (let index = 0; index < config.layersPerBlock; index++) {
            h = resnet(layers, h, `${block}.resnets.${index}`, width, norm);
        }
        if (level < config.widths.length - 1) {
            // Padded at the right and bottom only, unlike the U-Net's.
            h = layers.conv(h, `${block}.downsamplers.0.conv`, width, { stride: 2, pads: [0, 0, 1, 1] });
        }
    }
    h = middle(layers, h, 'encoder', config);
    h = finish(layers, h, 'encoder', config, 2 * config.latentChannels);
    if (config.quantConv) h = layers.conv(h, 'quant_conv', 2 * config.latentChannels, { kernel: 1 });
    const [mean, logvar] = graph.ops('Split', [h.value], 2, { axis: 1, num_outputs: 2 });
    graph.output('mean', mean!);
    graph.output('logvar', graph.op('Clip', [logvar!, graph.scalar(-30), graph.scalar(20)]));
    return graph;
}

/** `latents [B, 4, h, w]`, divided by the scaling factor already → `pixels [B, 3, 8h, 8w]`, not clamped. */
export function vaeDecoderGraph(part: ConfiguredPart<VaeConfig>, forms: OperatorForms): Graph {
    const { config } = part;
    const graph = new Graph('vae decoder');
    const layers = new Layers(graph, part.weights, forms);
    const norm = { groups: config.normGroups, epsilon: EPSILON };
    let h: Feature = {
        value: graph.input('latents', ['B', config.latentChannels, 'h', 'w']),
        channels: config.latentChannels,
    };
    if (config.postQuantConv) h = layers.conv(h, 'post_quant_conv', config.latentChannels, { kernel: 1 });
    h = layers.conv(h, 'decoder.conv_in', config.widths.at(-1)!);
    h = middle(layers, h, 'decoder', config);
    for (const [step, width] of [...config.widths].reverse().entries()) {
        const block = `decoder.up_blocks.${step}`;
        for (let index = 0; index <= config.layersPerBlock; index++) {
            h = resnet(layers, h, `${block}.resnets.${index}`, width, norm);
        }
        if (step < config.widths.length - 1) h = upsample(layers, h, `${block}.upsamplers.0`);
    }
    graph.output('pixels', finish(layers, h, 'decoder', config, config.imageChannels).value);
    return graph;
}

/** Residual layer, self-attention with one head over all pixels, residual layer. */
function middle(layers: Layers, x: Feature, side: 'encoder' | 'decoder', config: VaeConfig): Feature {
    const norm = { groups: config.normGroups, epsilon: EPSILON };
    const name = `${side}.mid_block`;
    let h = resnet(layers, x, `${name}.resnets.0`, x.channels, norm);
    if (config.midAttention) h = selfAttention(layers, h, `${name}.attentions.0`, config);
    return resnet(layers, h, `${name}.resnets.1`, x.channels, norm);
}

function selfAttention(layers: Layers, x: Feature, name: string, config: VaeConfig): Feature {
    const width = x.channels;
    return layers.graph.within(name, () => {
        const tokens = layers.toTokens(layers.groupNorm(x, `${name}.group_norm`, config.normGroups, EPSILON));
        const project = (kind: string) => layers.linear(tokens, `${name}.to_${kind}`, width, width);
        const mixed = attention(layers, project('q'), project('k'), project('v'), { width, heads: 1 });
        const result = layers.fromTokens(layers.linear(mixed, `${name}.to_out.0`, width, width), x);
        return { ...x, value: layers.add(result.value, x.value) };
    });
}

function finish(layers: Layers, x: Feature, side: 'encoder' | 'decoder', config: VaeConfig, channels: number): Feature {
    const normal = layers.groupNorm(x, `${side}.conv_norm_out`, config.normGroups, EPSILON);
    return layers.conv({ ...normal, value: layers.silu(normal.value) }, `${side}.conv_out`, channels);
}
