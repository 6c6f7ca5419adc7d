/** The U-Net's first half, down to and through its middle block: shared with ControlNets. */
import type { UnetConfig } from '../weights/config.ts';
import { resnet, type TextParts, transformer } from './blocks.ts';
import type { Value } from './graph.ts';
import type { Feature, Layers } from './layers.ts';

/** What all blocks of one network share. */
export interface Conditions {
    readonly config: UnetConfig;
    /** SiLU of the timestep's embedding, `[1 or R, 4·widths[0]]`. */
    readonly time: { readonly value: Value; readonly width: number };
    readonly context: Value;
    readonly onAttention?: (layer: string, probabilities: Value) => void;
    readonly text?: TextParts;
}

/** Called with each block's output in order; what it returns is handed to the next block. */
export type OnBlock = (x: Feature) => Feature;

/**
 * Runs the down path from the output of `conv_in`. Every block's own output becomes a skip;
 * `onBlock` sees the same outputs and may change what flows on.
 */
export function downPath(
    layers: Layers,
    start: Feature,
    conditions: Conditions,
    onBlock: OnBlock,
): { trunk: Feature; skips: Feature[] } {
    const { config, time } = conditions;
    const norm = { groups: config.normGroups, epsilon: config.normEps };
    const skips: Feature[] = [];
    const finish = (x: Feature) => {
        skips.push(x);
        return onBlock(x);
    };
    let h = finish(start);
    for (const [level, width] of config.widths.entries()) {
        const block = `down_blocks.${level}`;
        for (let index = 0; index < config.layersPerBlock; index++) {
            h = resnet(layers, h, `${block}.resnets.${index}`, width, norm, time);
            if (config.downAttention[level])
                h = transformer(layers, h, `${block}.attentions.${index}`, { ...conditions, level });
            h = finish(h);
        }
        if (level < config.widths.length - 1) {
            h = finish(layers.conv(h, `${block}.downsamplers.0.conv`, width, { stride: 2 }));
        }
    }
    return { trunk: h, skips };
}

/** The coarsest level: residual layer, transformer, residual layer; a plain block ends after the first, some have none. */
export function middleBlock(layers: Layers, x: Feature, conditions: Conditions): Feature {
    const { config, time } = conditions;
    if (config.middle === 'none') return x;
    const norm = { groups: config.normGroups, epsilon: config.normEps };
    const level = config.widths.length - 1;
    let h = resnet(layers, x, 'mid_block.resnets.0', x.channels, norm, time);
    if (config.middle === 'plain') return h;
    h = transformer(layers, h, 'mid_block.attentions.0', { ...conditions, level });
    return resnet(layers, h, 'mid_block.resnets.1', x.channels, norm, time);
}
