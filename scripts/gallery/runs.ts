/** Runs of the gallery: examples carried out on the built-in model, and their pictures put where the docs show them. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { createNodeLanguage, lowerRun, nodeFiles } from '../../src/language/index-node.ts';
import type { PicturePlan } from '../../src/plan/plan.ts';
import type { Work } from '../../src/plan/run.ts';
import { openJudge } from '../../src/runtime/engine/judge.ts';
import { openModel } from '../../src/runtime/engine/model.ts';
import { generate } from '../../src/runtime/generate.ts';
import { loadPicture } from '../../src/runtime/pictures/load.ts';
import type { Rgb } from '../../src/runtime/pictures/picture.ts';
import { runMemory } from '../../src/runtime/recipe/run-memory.ts';
import { executeRun } from '../../src/runtime/run/execute-run.ts';
import { openRunServices } from '../../src/runtime/run/open-run-services.ts';
import type { RunRecord } from '../../src/runtime/run/record.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
export const EXAMPLES = join(ROOT, 'examples');
export const IMAGES = join(ROOT, 'docs', 'images', 'gallery');
export const OUT = join(ROOT, '.cache', 'gallery');
export const SEEDS = Array.from({ length: 8 }, (_, seed) => seed + 1);

const language = await createNodeLanguage();
export const document = await language.parseFile(join(EXAMPLES, 'gallery.sdspec'));
const workshop = openRunServices();
export const judge = await openJudge();
export const model = await openModel(join(ROOT, 'models', 'sketch'), { device: 'cpu' });
mkdirSync(IMAGES, { recursive: true });

export interface Made {
    readonly folder: string;
    readonly record: RunRecord;
}

/** Carries a runnable of gallery.sdspec, or of another example, out, with its plans changed where that is asked for. */
export async function run(
    name: string,
    spec = document,
    change = (plan: PicturePlan): PicturePlan => plan,
): Promise<Made> {
    const { value, problems } = lowerRun(spec, name, { files: nodeFiles });
    if (!value) throw new Error(problems.map(({ message }) => message).join('\n'));
    console.log(`${name} …`);
    const outcome = await executeRun(
        {
            id: name,
            run: { ...value, work: changed(value.work, change) },
            base: EXAMPLES,
            options: { out: OUT, device: 'cpu' },
        },
        workshop,
        { emit: () => {}, signal: new AbortController().signal },
    );
    if (outcome.kind !== 'done') throw new Error(`${name}: ${JSON.stringify(outcome)}`);
    return outcome;
}

/** The work with each of its pictures' plans changed. */
function changed(work: Work, change: (plan: PicturePlan) => PicturePlan): Work {
    switch (work.kind) {
        case 'picture':
            return change(work);
        case 'sweep':
            return { ...work, cells: work.cells.map((cell) => ({ ...cell, plan: change(cell.plan) })) };
        default:
            return work;
    }
}

/** Puts a file of a run into the gallery; small pictures are shown at twice their size. */
export async function show(folder: string, file: string, as: string, { twice = false } = {}): Promise<string> {
    const target = join(IMAGES, as);
    if (twice) {
        const { width = 0 } = await sharp(join(folder, file)).metadata();
        await sharp(join(folder, file))
            .resize({ width: 2 * width, kernel: 'nearest' })
            .png({ palette: true })
            .toFile(target);
    } else if (file.endsWith('.png')) {
        await sharp(join(folder, file)).png({ palette: true, quality: 90 }).toFile(target);
    } else copyFileSync(join(folder, file), target);
    return `images/gallery/${as}`;
}

export function planOf(name: string): PicturePlan {
    const work = lowerRun(document, name, { files: nodeFiles }).value?.work;
    if (work?.kind !== 'picture') throw new Error(`${name} is no picture.`);
    return work;
}

/** The plan's pictures over the seeds that effects are measured with. */
export async function pictures(plan: PicturePlan, memory = runMemory([plan])): Promise<Rgb[]> {
    const made: Rgb[] = [];
    const context = {
        openModel: async () => model,
        picture: (source: unknown) => loadPicture(join(EXAMPLES, (source as { path: string }).path)),
        emit: () => {},
        memory,
    };
    for await (const { picture } of generate({ ...plan, seeds: SEEDS }, context)) made.push(picture);
    return made;
}

/** A runnable of another example. */
export async function runOf(example: string, name: string, change?: (plan: PicturePlan) => PicturePlan) {
    return run(name, await language.parseFile(join(EXAMPLES, `${example}.sdspec`)), change);
}
