/** How a picture of another tool was sampled, as clauses: size, steps, sampler, guidance, seed and noise. */
import type { Origin } from '../../../plan/origin.ts';
import { SAMPLERS } from '../../../plan/samplers.ts';
import { LATENT_FACTOR } from '../../../plan/topology.ts';
import { defaultScheduleOf } from '../../meaning/defaults.ts';
import { LARGEST_SIDE, RANGES } from '../../meaning/ranges.ts';
import { figure } from '../curve-text.ts';
import { numberClause, type OriginClause, type OriginWriting } from './origin-writing.ts';

/** Schedules of other tools that leave out the first noise level. */
const NEAREST = /^(sgm.?uniform|simple)$/i;

/** `sum`: by how much the prompt's guidance counts more than the number says. */
export function samplingClauses(writing: OriginWriting, sum: number): readonly OriginClause[] {
    return [
        ...sizeClause(writing),
        ...numberClause(writing, 'steps', 'steps', writing.origin.steps),
        ...samplerClause(writing),
        ...guidanceClause(writing, sum),
        ...seedClause(writing),
        ...noiseClause(writing),
    ];
}

/** AND guides by each of its prompts, so that their mean has the guidance of all of them. */
function guidanceClause(writing: OriginWriting, sum: number): readonly OriginClause[] {
    const { guidance, rescale } = writing.origin;
    if (rescale && guidance === undefined) writing.notes.push(`Guidance rescale: ${rescale}`);
    const whole = guidance === undefined ? undefined : Number((guidance * sum).toFixed(4));
    const note = sum === 1 ? '' : ` // ${guidance} times ${figure(sum)}, the sum of the weights of AND`;
    return numberClause(writing, 'guidance', 'guidance', whole).map(([clause, value]): OriginClause => {
        const [share] = rescale ? numberClause(writing, 'guidance rescale', 'rescale', rescale) : [];
        return [clause, (share ? `${value} rescale ${share[1]}` : value) + note];
    });
}

/** Other tools round down to whole latents. */
function sizeClause({ origin, notes }: OriginWriting): readonly OriginClause[] {
    const { width, height } = origin;
    if (!width || !height) return [];
    const side = (pixels: number) => Math.floor(pixels / LATENT_FACTOR) * LATENT_FACTOR;
    const size = `${side(width)}x${side(height)}`;
    if (Math.max(side(width), side(height)) > LARGEST_SIDE) {
        notes.push(`size ${width}x${height} was written: sides are at most ${LARGEST_SIDE} pixels here.`);
        return [];
    }
    if (Math.min(side(width), side(height)) <= 0) {
        notes.push(`size ${width}x${height} was written: sides are multiples of ${LATENT_FACTOR} pixels.`);
        return [];
    }
    if (size !== `${width}x${height}`)
        notes.push(`size ${width}x${height} was written, of which ${size} are whole latents.`);
    return [['size', size]];
}

function samplerClause(writing: OriginWriting): readonly OriginClause[] {
    const { sampler, schedule, samplerText, scheduleText, eta } = writing.origin;
    const named = scheduleText ?? schedule;
    if (!sampler) {
        if (samplerText)
            writing.notes.push(`Specs have no sampler ${samplerText}${named ? ` (schedule ${named})` : ''}.`);
        else if (scheduleText) writing.notes.push(`schedule: ${scheduleText}`);
        return [];
    }
    const isSolver2 = writing.origin.notes?.some((note) => /^UniPC variant: bh2/.test(note));
    if (sampler === 'unipc' && /^uni_?pc$/i.test(samplerText ?? '') && !isSolver2) {
        writing.notes.push('Its UniPC is the variant bh1; that of specs is bh2.');
    }
    const schedules: readonly string[] = SAMPLERS[sampler].schedules;
    const follows = schedule !== undefined && schedules.includes(schedule);
    const normal = !follows && defaultScheduleOf(sampler) !== 'normal' ? ' on normal' : '';
    if (named && !follows && !/^(automatic|normal|uniform|native)$/i.test(named)) {
        writing.notes.push(
            `Specs have no schedule ${named}${schedule ? ` for ${sampler}` : ''}.${NEAREST.test(named) ? ` The nearest is \`${sampler}${normal} spacing trailing\`.` : ''}`,
        );
    } else if (schedule && !follows) writing.notes.push(`Specs have no schedule ${schedule} for ${sampler}.`);
    // Said also where it is the normal one: what a sampler does without a word may be another.
    const on = follows && schedules.length > 1 ? ` on ${schedule}` : normal;
    const { noise, title } = SAMPLERS[sampler];
    const share = noise === 'with eta' && eta !== undefined ? numberClause(writing, 'eta', 'eta', eta) : [];
    if (noise !== 'with eta' && eta !== undefined && eta !== (noise === 'always' ? 1 : 0))
        writing.notes.push(
            `eta ${eta} was written: ${title} has none here, and draws ${noise === 'always' ? 'all of its noise' : 'no noise'}.`,
        );
    return [['sampler', `${sampler}${on}${share.map(([, value]) => ` eta ${value}`).join('')}`]];
}

function seedClause(writing: OriginWriting): readonly OriginClause[] {
    const { seed } = writing.origin;
    if (seed === undefined) return [];
    if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
        writing.notes.push(`seed ${seed} was written. ${RANGES.seed.rule}`);
        return [];
    }
    if (generatorOf(writing) === 'philox')
        return typeof seed === 'number' ? numberClause(writing, 'seed', 'philoxSeed', seed) : tooLong(writing, seed);
    // PyTorch's generator on the CPU takes the last 32 bits of a seed.
    const bits = BigInt.asUintN(32, BigInt(seed));
    return [['seed', bits === BigInt(seed) ? String(bits) : `${bits} // the last 32 bits of ${seed}`]];
}

function tooLong({ notes }: OriginWriting, seed: bigint): readonly OriginClause[] {
    notes.push(`seed ${seed} was written. ${RANGES.philoxSeed.rule}`);
    return [];
}

/** AUTOMATIC1111 names its generator only where it is not the device's own. */
function generatorOf({ origin }: OriginWriting): NonNullable<Origin['noise']> {
    const { noise, tool } = origin;
    return noise ?? (tool === 'automatic1111' ? 'philox' : 'torch-cpu');
}

function noiseClause(writing: OriginWriting): readonly OriginClause[] {
    const { noise, tool } = writing.origin;
    const guess =
        tool === 'automatic1111' ? 'of an NVIDIA device: the file names no generator' : 'the file names no generator';
    return [['noise', generatorOf(writing) + (noise || tool === 'invokeai' ? '' : ` // ${guess}`)]];
}
