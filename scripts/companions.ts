/**
 * `npx tsx scripts/companions.ts [robot|pip] [FILE]`: what the classifier counts in pictures by the LoRA and the word that come
 * with sdspec, or by files in their place, beside pictures of the same prompts without them (`training/scores.sdspec`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createNodeLanguage, lowerRun, nodeFiles } from '../src/language/index-node.ts';
import { SUBJECTS } from '../src/plan/companions.ts';
import type { PicturePlan } from '../src/plan/plan.ts';
import { openJudge } from '../src/runtime/engine/judge.ts';
import { loadPicture } from '../src/runtime/pictures/load.ts';
import { executeRun } from '../src/runtime/run/execute-run.ts';
import { openRunServices } from '../src/runtime/run/open-run-services.ts';

const TRAINING = join(import.meta.dirname, '..', 'training');
const [companion, file] = process.argv.slice(2);
const language = await createNodeLanguage();
const document = await language.parseFile(join(TRAINING, 'scores.sdspec'));
const judge = await openJudge();
const services = openRunServices();
const out = mkdtempSync(join(tmpdir(), 'sdspec-scores-'));

/** The share of a sweep's pictures of which something is seen, by what the judge sees and what was said. */
async function share(
    sweep: string,
    isRight: (seen: { readonly subject: string; readonly colour: string }, said: string) => boolean,
    change: (plan: PicturePlan) => PicturePlan,
    params: Readonly<Record<string, string>> = {},
): Promise<string> {
    const { value, problems } = lowerRun(document, sweep, { files: nodeFiles, params });
    if (value?.work.kind !== 'sweep') throw new Error(problems.map(({ message }) => message).join('\n'));
    const work = { ...value.work, cells: value.work.cells.map((cell) => ({ ...cell, plan: change(cell.plan) })) };
    const outcome = await executeRun(
        { id: sweep, run: { ...value, work }, base: TRAINING, options: { out, device: 'cpu', threads: 1 } },
        services,
        { emit: () => {}, signal: new AbortController().signal },
    );
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    const { pictures } = outcome.record;
    let right = 0;
    for (const { file, labels } of pictures) {
        const picture = await loadPicture(join(outcome.folder, file));
        const seen = { subject: await judge.subject(picture), colour: await judge.verdict(picture, 'colour') };
        if (isRight(seen, labels?.said ?? '')) right++;
    }
    return `${right} of ${pictures.length}`;
}

/** The subject of a prompt, such as "photo of a picture frame". */
const subjectOf = (said: string) => SUBJECTS.find((subject) => said.endsWith(` ${subject}`));

async function robots(path: string): Promise<void> {
    console.log('| weight | robots where one is asked for | other subjects named rightly |\n|---:|---:|---:|');
    for (const weight of [0, 1]) {
        const change = (plan: PicturePlan) => ({ ...plan, adapters: [{ file: { path }, weight }] });
        const asked = await share('robots', ({ subject }) => subject === 'robot', change);
        const others = await share('others', ({ subject }, said) => subject === subjectOf(said), change);
        console.log(`| ${weight} | ${asked} | ${others} |`);
    }
}

async function pips(path: string): Promise<void> {
    console.log('| prompt | elephants | pink |\n|---|---:|---:|');
    for (const what of ['<pip>', 'a pink elephant', 'an animal']) {
        const change = (plan: PicturePlan) =>
            what === '<pip>' ? { ...plan, embeddings: [{ token: 'pip', file: { path } }] } : plan;
        const elephants = await share('pips', ({ subject }) => subject === 'elephant', change, { what });
        const pink = await share('pips', ({ colour }) => colour === 'pink', change, { what });
        console.log(
            `| *photo of ${what.replace('<', '\\<').replace('>', '\\>')} on a beach*, … | ${elephants} | ${pink} |`,
        );
    }
}

try {
    if (companion !== 'pip') await robots(file ? resolve(file) : 'builtin:sketch-robot');
    if (companion !== 'robot') await pips(file ? resolve(file) : 'builtin:sketch-pip');
} finally {
    rmSync(out, { recursive: true, force: true });
}
process.exit(0);
