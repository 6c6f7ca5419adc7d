/** The built-in library: layers, samplers and schedules as documented declarations, read like any other file. */

import { SAMPLERS, type SamplerFacts, SCHEDULES, type ScheduleName } from '../../plan/samplers.ts';
import { ALIASES, BLOCKS, type Block } from '../../plan/sites.ts';
import { ALL_SITES, BLOCK_FACTS, partnerOf, summaryOf } from './layers.ts';

/** Documents of the library have this scheme: they can be read, not changed. */
export const LIBRARY_SCHEME = 'builtin';

export interface LibraryDocument {
    readonly uri: string;
    readonly text: string;
}

/** The library's documents, the same text every time. */
export function libraryDocuments(): readonly LibraryDocument[] {
    return [
        { uri: 'builtin:///layers.sdspec', text: layers() },
        { uri: 'builtin:///samplers.sdspec', text: samplers() },
        { uri: 'builtin:///weights.sdspec', text: WEIGHTS },
    ];
}

function layers(): string {
    const head =
        '// The places of the U-Net that have a name. Stages and skips first, then the blocks, then single skips.\n';
    return [head, ...ALL_SITES.map(layer)].join('\n');
}

function layer(site: (typeof ALL_SITES)[number]): string {
    const facts = (BLOCKS as readonly string[]).includes(site) ? BLOCK_FACTS[site as Block] : undefined;
    const lines = [summaryOf(site)];
    if (facts) {
        const partner = partnerOf(facts.block);
        const hands = facts.block.startsWith('IN') ? 'Hands its output across to' : 'Receives the output of';
        if (partner) lines.push(`${hands} ${partner}.`);
        lines.push(...facts.findings.map(({ claim, source, evidence }) => `${claim} (${evidence}: ${source})`));
    }
    const aliases = facts ? ` alias ${ALIASES[facts.block].join(', ')}` : '';
    return `${comment(lines)}\nlayer ${site}${aliases}\n`;
}

/** Presets of layer weights: `infuse portrait with original`. */
const WEIGHTS = `// Weights of layers that are known to work: a place to start from.

/**
 * The original Infusion's usual setting: the nine stages alike, the skips next to nothing. Its author took 50 steps of
 * Stable Diffusion 1.4 and a decay of 0.99.
 */
weights original {
    down.*  0.1
    mid     0.1
    up.*    0.1
    skip.*  0.0001
}

/**
 * The middle of the decoder, where the picture gets its parts. On the built-in model, with a caption of the bias
 * picture as text, twice this weight drew the classifier's verdict from 39 % to 83 % (docs/gallery.md).
 */
weights decoder {
    up.1..up.2  0.4
}
`;

function samplers(): string {
    const head = '// How the steps from noise to picture are taken, and which noise levels they visit.\n';
    const all: [string, SamplerFacts][] = Object.entries(SAMPLERS);
    return [
        head,
        ...all.map(([name, { title, doc }]) => `${comment([`${title}. ${doc}`])}\nsampler ${name}\n`),
        ...SCHEDULES.map((name) => `${comment([SCHEDULE_DOCS[name]])}\nschedule ${name}\n`),
    ].join('\n');
}

const SCHEDULE_DOCS: Readonly<Record<ScheduleName, string>> = {
    normal: 'The noise levels of the model itself, at even distances in time.',
    karras: 'Noise levels by Karras et al. 2022 (rho 7): more steps where there is little noise.',
    exponential: 'Noise levels at even distances in log sigma.',
};

function comment(lines: readonly string[]): string {
    return lines.length === 1 ? `/** ${lines[0]} */` : `/**\n${lines.map((line) => ` * ${line}`).join('\n *\n')}\n */`;
}
