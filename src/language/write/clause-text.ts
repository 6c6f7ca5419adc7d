/** Settings of a plan as the values of clauses, which name no ingredient. */
import type { DeepCache } from '../../plan/passes/deep-cache.ts';
import type { TextCache } from '../../plan/passes/text-cache.ts';
import type { LearnPlan, ModelChoices, PicturePlan } from '../../plan/plan.ts';
import { SAMPLERS } from '../../plan/samplers.ts';
import type { SiteWeight } from '../../plan/sites.ts';
import { stepsRun } from '../../plan/steps.ts';
import { defaultScheduleOf } from '../meaning/defaults.ts';
import { figure } from './curve-text.ts';
import { curveText, exact, fileText, percent, quote, windowText } from './value-text.ts';

export function sizeText({ size, windows }: PicturePlan): string {
    const text = `${size.width}x${size.height}`;
    return windows ? `${text} windows ${windows.side}px overlap ${windows.overlap}px` : text;
}

/** `predicts v zero-snr vae "…"`, each where the plan says it. */
export function choicesText({ predicts, zeroSnr, vae }: ModelChoices): string {
    const predicted = predicts ? ` predicts ${predicts}${zeroSnr ? ' zero-snr' : ''}` : '';
    return predicted + (vae ? ` vae ${fileText(vae)}` : '');
}

export function targetText(target: LearnPlan['target']): readonly [clause: string, value: string] {
    if (target.kind === 'word') return ['word', `like ${quote(target.like)} vectors ${target.vectors}`];
    if (target.kind === 'controlnet') return ['controlnet', `edges low ${target.hint.low} high ${target.hint.high}`];
    const layers = target.blocks ? `${target.layers} of ${target.blocks.join(', ')}` : target.layers;
    return target.kind === 'lora'
        ? ['lora', `rank ${target.rank} alpha ${figure(target.alpha)} at ${layers}`]
        : ['weights', `at ${layers}`];
}

export function samplerText({ sampler }: PicturePlan): string {
    const on =
        sampler.schedule === 'normal' && defaultScheduleOf(sampler.name) === 'normal' ? '' : ` on ${sampler.schedule}`;
    const eta = SAMPLERS[sampler.name].noise === 'with eta' ? ` eta ${exact(sampler.eta)}` : '';
    return `${sampler.name}${on}${eta}${sampler.spacing ? ` spacing ${sampler.spacing}` : ''}`;
}

export function seedsText(seeds: readonly number[]): string {
    const first = seeds[0] ?? 0;
    const run = seeds.length > 1 && seeds.every((seed, index) => seed === first + index);
    return run ? `${first}..${first + seeds.length - 1}` : seeds.join(', ');
}

export function outpaintText(sides: NonNullable<PicturePlan['outpaint']>): string {
    return (['left', 'right', 'top', 'bottom'] as const)
        .filter((side) => sides[side] > 0)
        .map((side) => `${side} ${sides[side]}px`)
        .join(', ');
}

export function sitesText(sites: readonly SiteWeight[]): string {
    return `{\n${sites.map(({ site, weight }) => `        ${site} ${curveText(weight)}`).join('\n')}\n    }`;
}

/** `deep every 3 at OUT10 during 20%..100%` */
export function deepCacheText({ every, at, window }: DeepCache): string {
    return `deep every ${every}${at ? ` at ${at}` : ''}${window ? windowText(window) : ''}`;
}

/** `text during 40%..100%` */
export function textCacheText({ window }: TextCache): string {
    return `text${windowText(window) || ' during 0%..100%'}`;
}

export function traceText({ trace, steps, start }: PicturePlan): string {
    if (!trace) return '';
    const run = Math.max(1, stepsRun(steps, start?.strength));
    const points = trace.after.map((after) => percent(after / run));
    const words = (['attention', 'gradient'] as const)
        .map((kind) => [kind, trace[kind] ?? []] as const)
        .map(([kind, list]) => (list.length > 0 ? ` ${kind} ${list.map(quote).join(', ')}` : ''))
        .join('');
    return `at ${points.join(', ')}${finishedText(trace)}${words}`;
}

/** ` finished in 1, 4 steps`, or nothing. */
function finishedText({ completed, finish }: NonNullable<PicturePlan['trace']>): string {
    const counts = [...(completed ? [1] : []), ...(finish > 0 ? [finish] : [])];
    return counts.length > 0 ? ` finished in ${counts.join(', ')} ${counts.at(-1) === 1 ? 'step' : 'steps'}` : '';
}
