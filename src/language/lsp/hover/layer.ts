/** Hover of a layer: what it is, what it holds, what is published about it, and its weight in this spec. */
import {
    ALIASES,
    BLOCKS,
    type Block,
    editPoints,
    receiverOfSkip,
    type Site,
    STAGES,
    type StageSite,
} from '../../../plan/sites.ts';
import { SD } from '../../../plan/topology.ts';
import { BLOCK_FACTS, type Finding, partnerOf, summaryOf } from '../../library/layers.ts';
import { SD15, type UnetShape } from '../../meaning/models.ts';

/** U-Net work of Stable Diffusion 1.5 at 512x512, in GMAC. */
const WHOLE_WORK = Object.values(BLOCK_FACTS).reduce((sum, { sd15 }) => sum + sd15.work, 0);

export interface LayerView {
    /** The U-Net of the model in use; undefined: not known, Stable Diffusion 1.5's is shown. */
    readonly unet: UnetShape | undefined;
    /** Name of that model. */
    readonly model: string | undefined;
    /** Latent width and height of the picture being made. */
    readonly latent: { readonly width: number; readonly height: number } | undefined;
    /** Lines on what the user's own scans measured of it. */
    readonly measured: readonly string[];
    /** Lines on the layer's weight in runnables of the spec. */
    readonly weights: readonly string[];
}

export function layerMarkdown(site: Site, view: LayerView): string {
    const blocks = blocksOf(site);
    const lines = [`**${site}** — ${summaryOf(site)}`, ...namesOf(site), shapeLine(site, blocks, view)];
    const facts = blocks.map((block) => BLOCK_FACTS[block]);
    if (!site.startsWith('skip')) {
        const parameters = facts.reduce((sum, { sd15 }) => sum + sd15.parameters, 0);
        const share = (100 * facts.reduce((sum, { sd15 }) => sum + sd15.work, 0)) / WHOLE_WORK;
        lines.push(
            `${round(parameters)} M parameters, ${round(share)} % of the work (Stable Diffusion 1.5 at 512x512).`,
        );
    }
    lines.push(...skipLines(site, blocks));
    if (view.measured.length > 0) lines.push(['In your scans:', ...view.measured].join('\n'));
    const findings = distinct(facts.flatMap((fact) => fact.findings));
    if (findings.length > 0) lines.push(['What is published:', ...findings.map(findingLine)].join('\n'));
    if (view.weights.length > 0) lines.push(['In this spec:', ...view.weights.map((line) => `- ${line}`)].join('\n'));
    return lines.join('\n\n');
}

/** The blocks whose facts speak of a site: a stage's blocks, the producers of its skips, or the block itself. */
function blocksOf(site: Site): readonly Block[] {
    const stage = SD.blocksOf.get(site as StageSite);
    if (stage) return stage;
    return site.startsWith('skip') ? [BLOCKS[Number(/\d+/.exec(site)?.[0] ?? 0)]!] : [site as Block];
}

function namesOf(site: Site): readonly string[] {
    if (site in ALIASES) {
        const others = ALIASES[site as Block];
        return [`Also called ${others.map((name) => `\`${name}\``).join(', ')}.`];
    }
    const points = editPoints(site);
    return points[0] === site
        ? []
        : [
              `${(STAGES as readonly string[]).includes(site) && !site.startsWith('skip') ? 'Ends with' : 'Stands for'} ${points.map((point) => `\`${point}\``).join(', ')}.`,
          ];
}

/** Resolution and channels of what passes here. */
function shapeLine(site: Site, blocks: readonly Block[], { unet, model, latent }: LayerView): string {
    const shape = unet ?? SD15;
    const width = latent?.width ?? shape.latent;
    const height = latent?.height ?? shape.latent;
    const passing = site.startsWith('skip') ? blocks : blocks.slice(-1);
    const parts = passing.map((block) => {
        const { side, channels } = outputOf(block, shape);
        return `${Math.ceil(width / side)}x${Math.ceil(height / side)}, ${channels} channels`;
    });
    const whose = unet ? `of \`${model ?? 'the built-in model'}\`` : 'of Stable Diffusion 1.5';
    const input = site.startsWith('OUT') ? ` Reads ${inputOf(site as Block, shape)} channels (trunk + skip).` : '';
    return `${[...new Set(parts)].join('; ')} (${whose}).${input}`;
}

/** How many times coarser than the latents a block's output is, and its channels. */
function outputOf(block: Block, { channels }: UnetShape): { readonly side: number; readonly channels: number } {
    const { contents, level } = BLOCK_FACTS[block];
    const depth = level + (contents === 'down' ? 1 : contents.endsWith('up') ? -1 : 0);
    return { side: 2 ** depth, channels: channels[level] ?? channels.at(-1) ?? 0 };
}

function inputOf(block: Block, shape: UnetShape): string {
    const before = BLOCKS[BLOCKS.indexOf(block) - 1]!;
    return `${outputOf(before, shape).channels} + ${outputOf(partnerOf(block)!, shape).channels}`;
}

function skipLines(site: Site, blocks: readonly Block[]): readonly string[] {
    if (site.startsWith('skip')) {
        const points = editPoints(site).map((point) => Number(/\d+/.exec(point)?.[0] ?? 0));
        return [points.map((k) => `\`${BLOCKS[k]}\` → \`${receiverOfSkip(k)}\``).join(', ')];
    }
    const block = blocks[0];
    const partner = blocks.length === 1 && block ? partnerOf(block) : undefined;
    if (!partner) return [];
    return [site.startsWith('IN') ? `Its skip goes to \`${partner}\`.` : `Receives the skip of \`${partner}\`.`];
}

function findingLine({ claim, source, evidence }: Finding): string {
    return `- ${claim} *${source}; evidence: ${evidence}*`;
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
    return [...new Map(findings.map((finding) => [finding.claim + finding.source, finding])).values()];
}

function round(n: number): string {
    return n >= 10 ? n.toFixed(0) : Number(n.toPrecision(2)).toString();
}
