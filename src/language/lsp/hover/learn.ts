/** Hover of a `learn`: every setting that decides it, and how many pictures it sees. */

import { count } from '../../../plan/amounts.ts';
import type { TrainedLayers } from '../../../plan/learn.ts';
import type { LearnPlan, LessonPictures } from '../../../plan/plan.ts';
import { escapeMarkdown } from '../markdown.ts';

export function learnTable(plan: LearnPlan): string {
    const { target, beside, trace } = plan;
    const rows: readonly (readonly [string, string])[] = [
        ['learns', targetWords(target)],
        ['from', setsWords(plan.from)],
        ...(beside ? [['beside', `${setsWords(beside.pictures)}, weight ${beside.weight}`] as const] : []),
        ['size', `${plan.size.width}x${plan.size.height}${plan.flip ? ', half of them mirrored' : ''}`],
        ['steps', `${plan.steps} of ${count(plan.batch, 'picture')}${beside ? ' and as many beside' : ''}`],
        ['rate', `${plan.rate}, ${plan.fall}, warm-up ${plan.warmup}, decay ${plan.decay}, clip ${plan.clip}`],
        ['seed', `${plan.seed}`],
        ['memory', plan.memory],
        ...(trace ? [['trace', `every ${trace.every}`] as const] : []),
    ];
    return ['| setting | value |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function targetWords(target: LearnPlan['target']): string {
    switch (target.kind) {
        case 'word':
            return `\`<${target.word}>\`, ${count(target.vectors, 'vector')} that begin as "${escapeMarkdown(target.like)}"`;
        case 'lora':
            return `a LoRA of rank ${target.rank}, alpha ${target.alpha}, at ${layersWords(target)}`;
        case 'weights':
            return `weights at ${layersWords(target)}`;
        case 'controlnet':
            return `a ControlNet that follows edges, low ${target.hint.low}, high ${target.hint.high}`;
    }
}

function layersWords({ layers, blocks }: TrainedLayers): string {
    return blocks ? `${layers} of ${blocks.map((block) => `\`${block}\``).join(' ')}` : layers;
}

function setsWords(sets: readonly LessonPictures[]): string {
    const pictures = sets.reduce((sum, set) => sum + (set.kind === 'made' ? set.captions : set.pictures).length, 0);
    return count(pictures, 'picture');
}
