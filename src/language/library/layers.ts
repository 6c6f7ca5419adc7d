/** Layers: what each named place of the U-Net is, and what is published about what it carries. */
import { BLOCKS, type Block, receiverOfSkip, type Site, type SkipTensor, STAGES } from '../../plan/sites.ts';

/** How much a statement about a layer is worth. */
export type Evidence =
    /** A peer-reviewed or widely reproduced method relies on it. */
    | 'strong'
    /** A preset of a widely used tool; no controlled study. */
    | 'practice'
    /** One model, a few seeds, or a different architecture. */
    | 'weak';

/** What has been published about a layer. */
export interface Finding {
    readonly claim: string;
    readonly source: string;
    readonly evidence: Evidence;
}

export interface BlockFacts {
    readonly block: Block;
    /** Modules in order: a convolution, resnets (R), attentions (A), a halving (down) or doubling (up) of resolution. */
    readonly contents: 'conv' | 'down' | 'R+A' | 'R' | 'R+A+R' | 'R+up' | 'R+A+up';
    /** Level 0 is the finest. A `down` block's output is one level deeper, an `up` block's one level higher. */
    readonly level: 0 | 1 | 2 | 3;
    /** Stable Diffusion 1.5: parameters in millions, work in GMAC at 512x512. */
    readonly sd15: { readonly parameters: number; readonly work: number };
    readonly findings: readonly Finding[];
}

const SOURCES = {
    mbw: 'block damping study by bbc-mc (each block x 0.75, 4 seeds, SD 1.5)',
    ip: 'IPAdapter Plus, layer presets for SD 1.5',
    pnp: 'Plug-and-Play, arXiv 2211.12572',
    masa: 'MasaCtrl, arXiv 2304.08465',
    skip: 'SkipInject, arXiv 2501.14524 (SD 2 family)',
    freeu: 'FreeU, arXiv 2309.11497',
    ref: 'ControlNet reference-adain',
    dift: 'DIFT, arXiv 2306.03881',
    pplus: 'P+, arXiv 2303.09522',
    hspace: 'h-space (Asyrp), arXiv 2210.10960 (unconditional models)',
} as const;

const EVIDENCE: Readonly<Record<keyof typeof SOURCES, Evidence>> = {
    mbw: 'weak',
    ip: 'practice',
    pnp: 'strong',
    masa: 'strong',
    skip: 'strong',
    freeu: 'strong',
    ref: 'practice',
    dift: 'strong',
    pplus: 'strong',
    hspace: 'weak',
};

function finding(from: keyof typeof SOURCES, claim: string): Finding {
    return { claim, source: SOURCES[from], evidence: EVIDENCE[from] };
}

const STYLE = finding('ip', 'Counts as a style layer.');
const FINE = finding('pplus', 'Outer, high-resolution layers govern colour and texture rather than shape.');
const REFERENCE = finding('ref', 'Group-norm statistics of a reference picture are matched here.');
const FREEU_1 = finding(
    'freeu',
    'Backbone features denoise and hold structure; the skip brings high frequencies (stage 1).',
);
const PNP_QK = finding('pnp', 'Self-attention queries and keys taken from a source picture keep its layout.');
const MASA = finding('masa', 'From here upwards, keys and values of a source picture carry its appearance.');
const FACE = finding('mbw', 'Damping it changes faces most.');
const BACKGROUND = finding('mbw', 'Damping it changes the background first.');
const FRAGILE = finding('mbw', 'Pictures break when any of OUT04 to OUT11 is damped.');
const STILL = finding('mbw', 'Damping IN01 to IN11 barely moves where things are placed.');

function row(
    block: Block,
    contents: BlockFacts['contents'],
    level: BlockFacts['level'],
    parameters: number,
    work: number,
    ...findings: readonly Finding[]
): BlockFacts {
    return { block, contents, level, sd15: { parameters, work }, findings };
}

const ROWS: readonly BlockFacts[] = [
    row('IN00', 'conv', 0, 0.01, 0.05, finding('mbw', 'The only input block whose damping shifts the whole picture.')),
    row('IN01', 'R+A', 0, 4.8, 26.9, STYLE, FINE, STILL),
    row('IN02', 'R+A', 0, 4.8, 26.9, STYLE, FINE, STILL),
    row('IN03', 'down', 0, 0.9, 0.9, STILL),
    row('IN04', 'R+A', 1, 15.8, 15.8, STYLE, REFERENCE, STILL),
    row('IN05', 'R+A', 1, 17.4, 17.5, STYLE, REFERENCE, STILL),
    row('IN06', 'down', 1, 3.7, 0.9, STILL),
    row(
        'IN07',
        'R+A',
        2,
        59.4,
        14.6,
        finding('ip', 'Composition, at a quarter of the weight.'),
        finding('skip', 'Its level hands spatial content across to the decoder.'),
        REFERENCE,
    ),
    row(
        'IN08',
        'R+A',
        2,
        65.9,
        16.3,
        finding('ip', 'The composition layer.'),
        finding('skip', 'The third encoder level carries most of the spatial information.'),
        REFERENCE,
    ),
    row('IN09', 'down', 2, 14.8, 0.9, STILL),
    row('IN10', 'R', 3, 31.1, 1.9, REFERENCE, STILL),
    row('IN11', 'R', 3, 31.1, 1.9, REFERENCE, STILL),
    row(
        'M00',
        'R+A+R',
        3,
        97.0,
        6.1,
        finding('hspace', 'Directions here change global meaning: age, smile, species.'),
        finding('mbw', 'Expression, details and colour that later blocks do not bring back.'),
        STYLE,
    ),
    row('OUT00', 'R', 3, 49.2, 3.0, FREEU_1, REFERENCE),
    row('OUT01', 'R', 3, 49.2, 3.0, FREEU_1, REFERENCE),
    row('OUT02', 'R+up', 3, 63.9, 6.8, FREEU_1, REFERENCE),
    row(
        'OUT03',
        'R+A',
        2,
        83.9,
        20.9,
        finding('dift', 'The stage whose features match parts of things across pictures.'),
    ),
    row(
        'OUT04',
        'R+A',
        2,
        83.9,
        20.9,
        finding(
            'pnp',
            'Features hold semantic layout and parts: injecting them keeps the structure of a source picture.',
        ),
        FACE,
        FRAGILE,
    ),
    row('OUT05', 'R+A+up', 2, 90.5, 33.9, PNP_QK, FACE, FRAGILE),
    row('OUT06', 'R+A', 1, 26.0, 26.3, MASA, BACKGROUND, FRAGILE),
    row('OUT07', 'R+A', 1, 21.9, 22.1, PNP_QK, MASA, STYLE, FRAGILE),
    row('OUT08', 'R+A+up', 1, 23.5, 35.1, PNP_QK, MASA, STYLE, FRAGILE),
    row('OUT09', 'R+A', 0, 7.0, 35.7, STYLE, FINE, FRAGILE),
    row('OUT10', 'R+A', 0, 5.9, 31.5, STYLE, FINE, FRAGILE),
    row('OUT11', 'R+A', 0, 5.9, 31.5, STYLE, FINE, finding('mbw', 'Damping it leaves noise.')),
];

/** The facts of each block, in the network's order. */
export const BLOCK_FACTS: Readonly<Record<Block, BlockFacts>> = Object.fromEntries(
    ROWS.map((facts) => [facts.block, facts]),
) as Record<Block, BlockFacts>;

/** One line on what a place is, for every site. */
export function summaryOf(site: Site): string {
    const level = Number(/\d+/.exec(site)?.[0] ?? 0);
    if (site === 'mid') return 'The bottleneck: the coarsest and most abstract features. The same place as M00.';
    if (site.startsWith('down.'))
        return `Output of encoder stage ${level}, changed in line: everything after sees the change.`;
    if (site.startsWith('up.'))
        return `Output of decoder stage ${level}, changed in line: everything after sees the change.`;
    if (site.startsWith('skip.')) {
        const first = level === 0 ? ' and of the first convolution' : '';
        return `What encoder level ${level}${first} hands across to the decoder, changed only on that way.`;
    }
    if (site.startsWith('skip['))
        return `What block IN${two(level)} hands across to ${receiverOfSkip(level)}, changed only on that way.`;
    return `${CONTENTS[BLOCK_FACTS[site as Block].contents]}.`;
}

const CONTENTS: Readonly<Record<BlockFacts['contents'], string>> = {
    conv: 'The first convolution, on the latents themselves',
    down: 'Halves the resolution',
    'R+A': 'A residual block and an attention block that reads the prompt',
    R: 'A residual block',
    'R+A+R': 'The middle: residual block, attention that reads the prompt, residual block',
    'R+up': 'A residual block, then doubles the resolution',
    'R+A+up': 'A residual block and an attention block that reads the prompt, then doubles the resolution',
};

/** The input block that an output block reads across the U, and the other way round. */
export function partnerOf(block: Block): Block | undefined {
    const index = BLOCKS.indexOf(block);
    return block === 'M00' ? undefined : BLOCKS[BLOCKS.length - 1 - index];
}

/** Every place that can be named: stages and skips, blocks, single skip tensors. */
export const ALL_SITES: readonly Site[] = [
    ...STAGES,
    ...BLOCKS,
    ...Array.from({ length: 12 }, (_, k): SkipTensor => `skip[${k}]`),
];

export function two(n: number): string {
    return String(n).padStart(2, '0');
}
