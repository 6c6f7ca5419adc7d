/** Sites: names of places in a U-Net, and what they stand for. Stable Diffusion 1 and 2 where no topology is given. */

import type { Curve } from './curve.ts';
import {
    type Block,
    type EditPoint,
    SD,
    type Site,
    type SkipTensor,
    type StageSite,
    type Topology,
} from './topology.ts';

export type { Block, EditPoint, Site, SkipTensor, StageSite } from './topology.ts';

/** The 13 sites of the original Infusion. */
export const STAGES: readonly StageSite[] = SD.stages;
export const BLOCKS: readonly Block[] = SD.blocks;
export const ALIASES = Object.fromEntries(SD.aliases) as Readonly<Record<Block, readonly string[]>>;

/** The canonical site of a name or alias; undefined for a name that the network does not have. */
export function siteOf(name: string, net = SD): Site | undefined {
    return net.names.get(name) ?? (isSkipTensor(name) && net.points.includes(name) ? name : undefined);
}

/** Every name and alias that `siteOf` knows but single skips, canonical names first. */
export function siteNames(net = SD): readonly string[] {
    return [...net.names.keys()];
}

function isSkipTensor(name: string): name is SkipTensor {
    return /^skip\[\d+\]$/.test(name);
}

/**
 * The sites from `first` to `last`, both included, in the network's order. Both ends must be of one family: trunk
 * stages, skips, single skips, or blocks. Undefined where they are not, or where `last` comes before `first`.
 */
export function siteRange(first: Site, last: Site, net = SD): readonly Site[] | undefined {
    for (const family of familiesOf(net)) {
        const from = family.indexOf(first);
        const to = family.indexOf(last);
        if (from >= 0 && to >= from) return family.slice(from, to + 1);
    }
    return undefined;
}

function familiesOf({ stages, blocks, points }: Topology): readonly (readonly Site[])[] {
    return [
        points.filter(isSkipTensor),
        stages.filter((site) => !site.startsWith('skip')),
        stages.filter((site) => site.startsWith('skip')),
        blocks,
    ];
}

/** The sites of a glob: `down.*`, `up.*`, `skip.*` are stages, `IN*`, `OUT*` blocks, `*` the stages of the trunk. Empty: unknown. */
export function siteGlob(pattern: string, { stages, blocks } = SD): readonly Site[] {
    const prefix = pattern.replace(/\*$/, '');
    if (prefix === '') return stages.filter((site) => !site.startsWith('skip'));
    const family: readonly Site[] = prefix.endsWith('.') ? stages : blocks;
    return /^(down\.|up\.|skip\.|IN\d?|OUT\d?)$/.test(prefix) ? family.filter((site) => site.startsWith(prefix)) : [];
}

/** The edit points that a site stands for: a stage's last block, a group's skip tensors, or the place itself. */
export function editPoints(site: Site, { blocks, blocksOf } = SD): readonly EditPoint[] {
    const own = blocksOf.get(site as StageSite);
    if (!own) return [site as EditPoint];
    // Changing a stage's output is changing the trunk behind its last block.
    return site.startsWith('skip') ? own.map((block) => `skip[${blocks.indexOf(block)}]` as const) : own.slice(-1);
}

/**
 * The blocks whose weights a site has: those of a stage (`down.0` is IN01 to IN03), or the block itself. Skip connections
 * have no weights, and the first convolution, IN00, belongs to no stage.
 */
export function weightedBlocks(site: Site, { blocks, blocksOf } = SD): readonly Block[] {
    if (site.startsWith('skip')) return [];
    return blocksOf.get(site as StageSite) ?? blocks.filter((block) => block === site);
}

/** The stage of the trunk, or the skip group, that a site belongs to; the first convolution counts in `down.0`. */
export function stageOf(site: Site, { blocks, blocksOf } = SD): StageSite | undefined {
    const skip = isSkipTensor(site);
    const block = skip ? blocks[Number(/\d+/.exec(site)?.[0])] : site;
    const found = [...blocksOf].find(
        ([stage, own]) => stage === site || (stage.startsWith('skip') === skip && own.includes(block as Block)),
    );
    return found?.[0] ?? (site === 'IN00' ? 'down.0' : undefined);
}

/** The block whose input receives skip tensor k: the last block of the up path reads what IN00 hands across. */
export function receiverOfSkip(k: number, { blocks } = SD): Block {
    return blocks[blocks.length - 1 - k] as Block;
}

/** A factor for what a block has of weights. Blocks appear once, in the network's order. */
export interface BlockWeight {
    readonly block: Block;
    readonly weight: number;
}

/**
 * The block that a module of a U-Net belongs to, by diffusers' paths such as
 * `up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k`; undefined outside of the blocks: the embedding of time and the
 * last convolution.
 */
export function blockOfModule(
    module: string,
    { layersPerBlock }: { readonly layersPerBlock: number },
): Block | undefined {
    if (module === 'conv_in') return 'IN00';
    if (module.startsWith('mid_block.')) return 'M00';
    const match = /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\./.exec(module);
    if (!match) return undefined;
    const [, direction, level, kind, index] = match;
    // A down level is layersPerBlock layers and a sampler; an up level has one layer more and its sampler in the last.
    const size = layersPerBlock + 1;
    const within = kind!.endsWith('samplers') ? layersPerBlock : Number(index);
    const number = Number(level) * size + within + (direction === 'down' ? 1 : 0);
    return `${direction === 'down' ? 'IN' : 'OUT'}${String(number).padStart(2, '0')}` as Block;
}

/** A weight at one place of the U-Net. Sites are canonical and appear once. */
export interface SiteWeight {
    readonly site: Site;
    readonly weight: Curve;
}
