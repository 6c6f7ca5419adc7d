/** Sites: every place in the U-Net that has a name. */

/** Stage outputs, changed in line, and the residual connections of each level: the 13 sites of the original Infusion. */
export const STAGES = [
    'down.0',
    'down.1',
    'down.2',
    'down.3',
    'mid',
    'up.0',
    'up.1',
    'up.2',
    'up.3',
    'skip.0',
    'skip.1',
    'skip.2',
    'skip.3',
] as const;

/** The blocks by the names that block-weight tools use, in the network's order. */
export const BLOCKS = [
    'IN00',
    'IN01',
    'IN02',
    'IN03',
    'IN04',
    'IN05',
    'IN06',
    'IN07',
    'IN08',
    'IN09',
    'IN10',
    'IN11',
    'M00',
    'OUT00',
    'OUT01',
    'OUT02',
    'OUT03',
    'OUT04',
    'OUT05',
    'OUT06',
    'OUT07',
    'OUT08',
    'OUT09',
    'OUT10',
    'OUT11',
] as const;

export type StageSite = (typeof STAGES)[number];
export type Block = (typeof BLOCKS)[number];
/** A single skip tensor: the output of block INk on its way across. */
export type SkipTensor = `skip[${number}]`;
export type Site = StageSite | Block | SkipTensor;

/** A place in the graph where a tap can be compiled in: a block's trunk output or one skip tensor. */
export type EditPoint = Block | SkipTensor;

/** The block that ends a stage: changing the stage's output is changing this block's trunk. */
const STAGE_ENDS: Readonly<Record<string, Block>> = {
    'down.0': 'IN03',
    'down.1': 'IN06',
    'down.2': 'IN09',
    'down.3': 'IN11',
    mid: 'M00',
    'up.0': 'OUT02',
    'up.1': 'OUT05',
    'up.2': 'OUT08',
    'up.3': 'OUT11',
};

/** Skip tensors by the level that produces them; the first convolution counts in level 0. */
const SKIP_GROUPS: readonly (readonly number[])[] = [
    [0, 1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [10, 11],
];

/** Names that diffusers and others use for a block, by block. `mid.attn.0` and the like are short forms. */
export const ALIASES: Readonly<Record<Block, readonly string[]>> = {
    IN00: ['conv_in'],
    ...levels('IN', 1, 'down', 'down_blocks'),
    M00: ['MID', 'mid_block', 'mid.attn.0'],
    ...levels('OUT', 0, 'up', 'up_blocks'),
} as unknown as Record<Block, readonly string[]>;

function levels(prefix: 'IN' | 'OUT', first: number, short: string, long: string): Record<string, readonly string[]> {
    const names: Record<string, readonly string[]> = {};
    for (let block = first; block < 12; block++) {
        const level = Math.floor((block - first) / 3);
        const part = (block - first) % 3;
        const sampler = prefix === 'IN' && part === 2;
        const attention = prefix === 'IN' ? level < 3 : level > 0;
        const member = sampler ? 'downsamplers.0' : attention ? `attentions.${part}` : `resnets.${part}`;
        const shortMember = sampler ? 'downsample' : attention ? `attn.${part}` : `res.${part}`;
        const name = `${prefix}${String(block).padStart(2, '0')}`;
        names[name] = [`${short}.${level}.${shortMember}`, `${long}.${level}.${member}`];
    }
    return names;
}

const BY_NAME: ReadonlyMap<string, Site> = new Map<string, Site>([
    ...STAGES.map((site) => [site, site] as const),
    ...BLOCKS.map((site) => [site, site] as const),
    ...BLOCKS.flatMap((site) => ALIASES[site].map((alias) => [alias, site] as const)),
]);

/** The canonical site of a name or alias; undefined for an unknown name. */
export function siteOf(name: string): Site | undefined {
    return BY_NAME.get(name) ?? (isSkipTensor(name) ? name : undefined);
}

/** Every name and alias that `siteOf` knows, canonical names first. */
export function siteNames(): readonly string[] {
    return [...BY_NAME.keys()];
}

function isSkipTensor(name: string): name is SkipTensor {
    const match = /^skip\[(\d+)\]$/.exec(name);
    return match !== null && Number(match[1]) < 12;
}

/**
 * The sites from `first` to `last`, both included, in the network's order. Both ends must be of one family: trunk
 * stages, skips, or blocks. Undefined where they are not, or where `last` is before `first`.
 */
export function siteRange(first: Site, last: Site): readonly Site[] | undefined {
    for (const family of FAMILIES) {
        const from = family.indexOf(first);
        const to = family.indexOf(last);
        if (from >= 0 && to >= from) return family.slice(from, to + 1);
    }
    return undefined;
}

const FAMILIES: readonly (readonly Site[])[] = [
    STAGES.filter((site) => !site.startsWith('skip')),
    STAGES.filter((site) => site.startsWith('skip')),
    BLOCKS,
];

/** The sites of a glob: `down.*`, `up.*`, `skip.*` are stages, `IN*`, `OUT*` blocks, `*` all stages. Empty: unknown. */
export function siteGlob(pattern: string): readonly Site[] {
    const prefix = pattern.replace(/\*$/, '');
    if (prefix === '') return STAGES;
    const family: readonly Site[] = prefix.endsWith('.') ? STAGES : BLOCKS;
    return /^(down\.|up\.|skip\.|IN|OUT)$/.test(prefix) ? family.filter((site) => site.startsWith(prefix)) : [];
}

/** The edit points that a site stands for: a stage's last block, a group's skip tensors, or the place itself. */
export function editPoints(site: Site): readonly EditPoint[] {
    const end = STAGE_ENDS[site];
    if (end) return [end];
    const group = /^skip\.(\d)$/.exec(site);
    if (group) return (SKIP_GROUPS[Number(group[1])] ?? []).map((k) => `skip[${k}]` as const);
    return [site as EditPoint];
}

/** The block whose input receives skip tensor k: OUT(11 - k) reads what INk hands across. */
export function receiverOfSkip(k: number): Block {
    return BLOCKS[13 + 11 - k] as Block;
}
