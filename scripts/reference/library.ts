/** Tables of what the language knows by itself: layers, samplers, schedules, and what holds where a spec is silent. */

import { BLOCK_FACTS, summaryOf } from '../../src/language/library/layers.ts';
import {
    DEFAULTS,
    defaultScheduleOf,
    EDGES,
    INFUSED_LAYERS,
    INFUSED_WEIGHT,
    INFUSION,
    MOSAIC,
    PHASH_WITHIN,
    SCAN_WEIGHT,
    TILE_STRENGTH,
} from '../../src/language/meaning/defaults.ts';
import { curveWords } from '../../src/language/write/curve-text.ts';
import { SAMPLER_NAMES, SAMPLERS, type SamplerFacts } from '../../src/plan/samplers.ts';
import { ALIASES, BLOCKS, type Block, editPoints, STAGES } from '../../src/plan/sites.ts';
import { orderOf } from '../../src/plan/steps.ts';

export function layersSection(): string {
    const stages = STAGES.map((site) => `| \`${site}\` | ${code(editPoints(site))} | ${summaryOf(site)} |`);
    const blocks = BLOCKS.map(blockRow);
    return [
        '## Layers',
        'Stages are changed in line, so that all that follows sees the change; skips are changed only on their way across. `skip[0]` to `skip[11]` are single skip tensors: what `IN00` to `IN11` hand across.',
        ['| stage or skip | acts at | what it is |', '|---|---|---|', ...stages].join('\n'),
        'Blocks, by the names of block-weight tools. Parameters in millions and work in GMAC are those of Stable Diffusion 1.5 at 512x512. What is published about them, and how strong the evidence is, the editor shows at each name.',
        ['| block | also called | what it is | parameters | work |', '|---|---|---|---|---|', ...blocks].join('\n'),
    ].join('\n\n');
}

function blockRow(block: Block): string {
    const { sd15 } = BLOCK_FACTS[block];
    return `| \`${block}\` | ${code(ALIASES[block])} | ${summaryOf(block)} | ${sd15.parameters} | ${sd15.work} |`;
}

export function samplersSection(): string {
    const rows = SAMPLER_NAMES.map((name) => {
        const { doc, noise, schedules }: SamplerFacts = SAMPLERS[name];
        return `| \`${name}\` | ${doc} | ${noise} | ${orderOf(name)} | ${code(schedules)} |`;
    });
    return [
        '## Samplers',
        ['| sampler | what it is | fresh noise | calls per step | schedules |', '|---|---|---|---|---|', ...rows].join(
            '\n',
        ),
    ].join('\n\n');
}

export function defaultsSection(): string {
    const rows: readonly (readonly [string, string])[] = [
        ['`use`', `\`builtin:${DEFAULTS.model.name}\``],
        ['`size`', `the model's own; ${DEFAULTS.size.width}x${DEFAULTS.size.height} where it is not known`],
        ['`steps`', String(DEFAULTS.steps)],
        [
            '`sampler`',
            `\`${DEFAULTS.sampler.name} on ${DEFAULTS.sampler.schedule}\`, which is what \`sampler ${DEFAULTS.sampler.name}\` means too; the other samplers follow \`${defaultScheduleOf('euler')}\` unless a schedule is named`,
        ],
        ['`guidance`', `${curveWords(DEFAULTS.guidance.scale)}, rescale ${DEFAULTS.guidance.rescale}`],
        ['`seed`', String(DEFAULTS.seed)],
        ['`noise`', `\`${DEFAULTS.noise.kind}\``],
        ['`clip skip`', String(DEFAULTS.clipSkip)],
        ['`long prompts`', `\`${DEFAULTS.longPrompts}\``],
        [
            '`start from`',
            `strength ${DEFAULTS.strength}, mixing \`${DEFAULTS.mixing}\`, latent \`${DEFAULTS.startLatent}\`, fit \`${DEFAULTS.startFit}\``,
        ],
        ['`ensemble`', `over \`${DEFAULTS.over}\``],
        [
            '`infuse`',
            `weight 1, decay ${INFUSION.decay}, noise \`${INFUSION.latent === 'clean' ? 'none' : INFUSION.latent}\`, text \`${INFUSION.text.kind}\`, on \`${INFUSION.rows === 'both' ? 'both' : 'prompt'}\`, not normalised; without layers: ${code(INFUSED_LAYERS)}, each ${INFUSED_WEIGHT}, so that the picture stays whole; \`weight\` multiplies`,
        ],
        ['`infuse … at each`', `weight ${SCAN_WEIGHT}`],
        ['`scale at each`', 'weight 0: the layer is left out'],
        ['`edges of`', `low ${EDGES.low}, high ${EDGES.high}`],
        ['`image phash:…`', `within ${PHASH_WITHIN}`],
        [
            '`tiles`',
            `strength ${MOSAIC.strength} (${MOSAIC.strengthOfCells} with \`pool 0\`), colour ${MOSAIC.colour}, vary ${MOSAIC.vary}, pool as many as tiles and at most ${MOSAIC.pool}, as large as painted`,
        ],
        ['`depth`', `1; \`zoom\` near the middle, frames ${MOSAIC.frames}, width ${MOSAIC.width}px`],
        ['`upscale via`', `strength ${TILE_STRENGTH}`],
    ];
    return [
        '## Defaults',
        'What holds where a spec is silent.',
        ['| setting | default |', '|---|---|', ...rows.map(([a, b]) => `| ${a} | ${b} |`)].join('\n'),
    ].join('\n\n');
}

function code(words: readonly string[]): string {
    return words.map((word) => `\`${word}\``).join(', ');
}
