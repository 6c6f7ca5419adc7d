/** Tables of the gallery: what the mixtures of its examples do, by the classifier and by measures of pictures. */
import { join } from 'node:path';
import { lowerRun, nodeFiles } from '../../src/language/index-node.ts';
import { constant } from '../../src/plan/curve.ts';
import type { Control, Infusion, PicturePlan } from '../../src/plan/plan.ts';
import { type Site, STAGES } from '../../src/plan/sites.ts';
import type { Head } from '../../src/runtime/engine/judge.ts';
import { edges } from '../../src/runtime/pictures/edges.ts';
import { loadPicture } from '../../src/runtime/pictures/load.ts';
import type { Rgb } from '../../src/runtime/pictures/picture.ts';
import type { RunRecord } from '../../src/runtime/run/record.ts';
import { agreement } from '../agreement.ts';
import { document, EXAMPLES, judge, type Made, pictures, planOf, runOf, SEEDS } from './runs.ts';

/** Canny's thresholds where a spec names none. */
const EDGES = { low: 100, high: 200 };

async function score(made: readonly Rgb[], head: Head, label: string): Promise<number> {
    let sum = 0;
    for (const picture of made) sum += await judge.probability(picture, head, label);
    return sum / made.length;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** P(elephant) and P(rabbit) as the weight of `thought` rises. */
export async function risingTable(): Promise<string> {
    const plan = planOf('thought');
    const lines = ['| weight | elephant | rabbit |', '|---:|---:|---:|'];
    for (const weight of [0, 0.5, 1, 2, 3]) {
        const infusions = plan.infusions.map((infusion): Infusion => ({ ...infusion, weight: constant(weight) }));
        const made = await pictures({ ...plan, infusions });
        const [elephant, rabbit] = [await score(made, 'subject', 'elephant'), await score(made, 'subject', 'rabbit')];
        lines.push(`| ${weight} | ${percent(elephant)} | ${percent(rabbit)} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

/** P(elephant) by site and weight. */
export async function siteTable(): Promise<string> {
    const plan = planOf('thought');
    const weights = [0.3, 0.8];
    const lines = [
        `| layer | ${weights.map((w) => `at ${w}`).join(' | ')} |`,
        `|---|${weights.map(() => '---:|').join('')}`,
    ];
    for (const site of STAGES) {
        const cells: string[] = [];
        for (const weight of weights) {
            const sites = [{ site: site as Site, weight: constant(weight) }];
            const infusions = plan.infusions.map((infusion): Infusion => ({ ...infusion, sites }));
            cells.push(percent(await score(await pictures({ ...plan, infusions }), 'subject', 'elephant')));
        }
        lines.push(`| ${site} | ${cells.join(' | ')} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

/** Both animals' scores for the four ways of asking. */
export async function chimeraTable(): Promise<string> {
    const lines = ['| prompt | giraffe | frog | the weaker of both |', '|---|---:|---:|---:|'];
    const { value } = lowerRun(document, 'chimera', { files: nodeFiles });
    if (value?.work.kind !== 'sweep') throw new Error('chimera is no sweep.');
    const ways = new Map(value.work.cells.map(({ labels, plan }) => [labels.prompt ?? '', plan]));
    for (const [name, plan] of [...ways, ['frog alone', frogAlone(ways.get('giraffe')!)] as const]) {
        const made = await pictures(plan);
        const [giraffe, frog] = [await score(made, 'subject', 'giraffe'), await score(made, 'subject', 'frog')];
        lines.push(`| ${name} | ${percent(giraffe)} | ${percent(frog)} | ${percent(Math.min(giraffe, frog))} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}

function frogAlone(plan: PicturePlan): PicturePlan {
    const phrases = [{ text: 'photo of a frog in a meadow', weight: 1 }];
    return { ...plan, conditioning: { kind: 'prompt', prompt: { phrases } } };
}

export function scanTable({ scan = [] }: RunRecord): string {
    const rows = [...scan].sort((a, b) => b.moved - a.moved);
    const line = ({ label, moved, ssim, towards }: (typeof rows)[number]) =>
        `| ${label} | ${moved.toFixed(2)} | ${ssim.toFixed(2)} | ${towards === undefined ? '–' : `${Math.round(100 * towards) + 0} %`} |`;
    return ['| layer | moved | ssim | towards |', '|---|---:|---:|---:|', ...rows.map(line)].join('\n');
}

/** What the classifier sees in pictures by what is learnt, beside pictures of the same prompts by the companions. */
export async function learntTable(word: Made, subject: Made): Promise<string> {
    const pip = await runOf('learn-word', 'travels', (plan) => ({
        ...plan,
        embeddings: [{ token: 'pip', file: { path: 'builtin:sketch-pip' } }],
    }));
    const robot = await runOf('learn-subject', 'scenes', (plan) => ({
        ...plan,
        adapters: [{ file: { path: 'builtin:sketch-robot' }, weight: 1 }],
    }));
    const unlearnt = await runOf('learn-subject', 'scenes', (plan) => ({ ...plan, adapters: [] }));
    return [
        '| | the subject | its colour |',
        '|---|---:|---:|',
        await learntRow('the word, learnt here', word, 'elephant', 'pink'),
        await learntRow('`builtin:sketch-pip`', pip, 'elephant', 'pink'),
        await learntRow('the LoRA, learnt here', subject, 'robot', 'yellow'),
        await learntRow('`builtin:sketch-robot`', robot, 'robot', 'yellow'),
        await learntRow('no LoRA', unlearnt, 'robot', 'yellow'),
    ].join('\n');
}

async function learntRow(what: string, { folder, record }: Made, subject: string, colour: string): Promise<string> {
    let [right, coloured] = [0, 0];
    for (const { file } of record.pictures) {
        const picture = await loadPicture(join(folder, file));
        if ((await judge.subject(picture)) === subject) right++;
        if ((await judge.probability(picture, 'colour', colour)) > 0.5) coloured++;
    }
    const of = (count: number) => `${count} of ${record.pictures.length}`;
    return `| ${what} | ${of(right)} ${subject}s | ${of(coloured)} ${colour} |`;
}

/** How well pictures follow the edges of eight drawn elephants, which no ControlNet was shown: two seeds for each. */
export async function followTable(): Promise<string> {
    const nets: readonly (readonly [string, (control: Control) => readonly Control[]])[] = [
        ['no control', () => []],
        ['the ControlNet, learnt here', (control) => [control]],
        ['`builtin:sketch-edges`', (control) => [{ ...control, net: { path: 'builtin:sketch-edges' } }]],
    ];
    const lines = ['| | edges in common |', '|---|---:|'];
    for (const [what, controlsOf] of nets) {
        const scores: number[] = [];
        for (const path of SEEDS.map((number) => `./assets/elephants/${number}.png`)) {
            const wanted = edges(await loadPicture(join(EXAMPLES, path)), EDGES.low, EDGES.high);
            const { folder, record } = await runOf('learn-edges', 'painted', (plan) => {
                const picture = { kind: 'edges', of: { kind: 'file', path }, ...EDGES } as const;
                return { ...plan, seeds: [1, 2], controls: controlsOf({ ...plan.controls[0]!, picture }) };
            });
            for (const { file } of record.pictures)
                scores.push(agreement(await loadPicture(join(folder, file)), wanted));
        }
        lines.push(`| ${what} | ${percent(scores.reduce((sum, score) => sum + score, 0) / scores.length)} |`);
        console.log(lines.at(-1));
    }
    return lines.join('\n');
}
