/** Topology: the shape of a U-Net as a value, and the names that its places have because of it. */

/** Latents are this much smaller than pictures on each side, for all versions of Stable Diffusion: sizes are multiples of it. */
export const LATENT_FACTOR = 8;

/** A length in pixels as the nearest whole number of latents, at least one; in pixels again. */
export function wholeLatents(pixels: number): number {
    return LATENT_FACTOR * Math.max(1, Math.round(pixels / LATENT_FACTOR));
}

type Level = 0 | 1 | 2 | 3;
type TwoDigits = `0${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}` | '10' | '11';

/** Stage outputs, changed in line, and the residual connections of each level. */
export type StageSite = `down.${Level}` | 'mid' | `up.${Level}` | `skip.${Level}`;
/** A block by the name that block-weight tools use. */
export type Block = `IN${TwoDigits}` | 'M00' | `OUT${TwoDigits}`;
/** A single skip tensor: the output of block INk on its way across. */
export type SkipTensor = `skip[${number}]`;
export type Site = StageSite | Block | SkipTensor;

/** A place in the graph where a tap can be compiled in: a block's trunk output or one skip tensor. */
export type EditPoint = Block | SkipTensor;

export interface TopologyShape {
    /** Resolutions that the network works at. */
    readonly levels: number;
    /** Residual layers of each level on the way down; one more on the way up. */
    readonly layersPerBlock: number;
    /** Which levels of the down path have attention, the finest first; the up path mirrors it. */
    readonly attention: readonly boolean[];
}

export interface Topology {
    readonly shape: TopologyShape;
    /** In the network's order. */
    readonly blocks: readonly Block[];
    /** The trunk's stages in the network's order, then the skip groups. */
    readonly stages: readonly StageSite[];
    /** The blocks of each stage of the trunk, or the blocks that produce a skip group. */
    readonly blocksOf: ReadonlyMap<StageSite, readonly Block[]>;
    /** Every edit point in order of execution: skips come after the middle block, before `OUT00`. */
    readonly points: readonly EditPoint[];
    /** Names that diffusers and others use for a block. `mid.attn.0` and the like are short forms. */
    readonly aliases: ReadonlyMap<Block, readonly string[]>;
    /** Sites by every name and alias that they have, single skips left out; canonical names first. */
    readonly names: ReadonlyMap<string, Site>;
}

/**
 * The topology of a U-Net of Stable Diffusion's family. The down path is a first convolution, then per level
 * `layersPerBlock` layers and a halving, but for the coarsest level; the up path has one layer more per level.
 */
export function topology(shape: TopologyShape): Topology {
    const { levels, layersPerBlock } = shape;
    const perLevel = layersPerBlock + 1;
    const side = levels * perLevel;
    const counted = Array.from({ length: side }, (_, k) => k);
    const down = counted.map((k) => `IN${twoDigits(k)}` as Block);
    const up = counted.map((k) => `OUT${twoDigits(k)}` as Block);
    const each = Array.from({ length: levels }, (_, level) => level as Level);
    const skipped = (level: number) => down.slice(level === 0 ? 0 : level * perLevel + 1, (level + 1) * perLevel + 1);
    const blocksOf = new Map<StageSite, readonly Block[]>([
        ...each.map((n) => [`down.${n}`, down.slice(n * perLevel + 1, (n + 1) * perLevel + 1)] as const),
        ['mid', ['M00']],
        ...each.map((n) => [`up.${n}`, up.slice(n * perLevel, (n + 1) * perLevel)] as const),
        ...each.map((n) => [`skip.${n}`, skipped(n)] as const),
    ]);
    const blocks: readonly Block[] = [...down, 'M00', ...up];
    const stages = [...blocksOf.keys()];
    const aliases = new Map<Block, readonly string[]>([
        ['IN00', ['conv_in']],
        ...down.slice(1).map((block, k) => [block, downNames(shape, k)] as const),
        ['M00', ['MID', 'mid_block', 'mid.attn.0']],
        ...up.map((block, k) => [block, upNames(shape, k)] as const),
    ]);
    return {
        shape,
        blocks,
        stages,
        blocksOf,
        points: [...down, 'M00', ...counted.map((k): SkipTensor => `skip[${k}]`), ...up],
        aliases,
        names: new Map<string, Site>([
            ...[...stages, ...blocks].map((site) => [site, site] as const),
            ...[...aliases].flatMap(([block, others]) => others.map((alias) => [alias, block] as const)),
        ]),
    };
}

/** Stable Diffusion 1 and 2: 12 + 1 + 12 blocks, 13 stages and skip groups. */
export const SD: Topology = topology({ levels: 4, layersPerBlock: 2, attention: [true, true, true, false] });

/** The name of the kth block of the down path after its first convolution. */
function downNames({ layersPerBlock, attention }: TopologyShape, k: number): readonly string[] {
    const [level, part] = [Math.floor(k / (layersPerBlock + 1)), k % (layersPerBlock + 1)];
    const halves = part === layersPerBlock;
    const [short, long] = halves ? ['downsample', 'downsamplers.0'] : moduleNames(attention[level] ?? false, part);
    return [`down.${level}.${short}`, `down_blocks.${level}.${long}`];
}

function upNames({ levels, layersPerBlock, attention }: TopologyShape, k: number): readonly string[] {
    const [step, part] = [Math.floor(k / (layersPerBlock + 1)), k % (layersPerBlock + 1)];
    const [short, long] = moduleNames(attention[levels - 1 - step] ?? false, part);
    return [`up.${step}.${short}`, `up_blocks.${step}.${long}`];
}

function moduleNames(attention: boolean, part: number): readonly [string, string] {
    return attention ? [`attn.${part}`, `attentions.${part}`] : [`res.${part}`, `resnets.${part}`];
}

function twoDigits(k: number): string {
    return String(k).padStart(2, '0');
}
