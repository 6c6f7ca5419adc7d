/** Reads what the spec names or makes: the pixels of picture sources, the files of LoRAs and learned words. */
import type { FileRef, PicturePlan, PictureSource } from '../../../plan/plan.ts';
import { isLearnResult, type LearnPlan, type LearnResult } from '../../../plan/plan.ts';
import type { Rgb } from '../../pictures/picture.ts';
import type { RunServices } from '../run-services.ts';
import { pathOf } from './inputs.ts';

/** Files that the spec itself makes, pictures and what is learnt, by the plan that makes them. */
export type MadeFiles = ReadonlyMap<PicturePlan | LearnPlan, string>;

/** The absolute path of a LoRA's or a learned word's file. */
export function adapterPath(file: FileRef | LearnResult, base: string, made: MadeFiles): string {
    if (!isLearnResult(file)) return pathOf(base, file.path);
    const learnt = made.get(file.plan);
    if (!learnt) throw new Error(`${file.name} was not learnt.`);
    return learnt;
}

/** The pixels of a picture source. */
export async function readSource(
    source: PictureSource,
    base: string,
    made: MadeFiles,
    workshop: RunServices,
    as?: 'picture' | 'mask',
): Promise<Rgb> {
    switch (source.kind) {
        case 'file':
            return workshop.readPicture(pathOf(base, source.path), as);
        case 'edges':
            return workshop.edges(await readSource(source.of, base, made, workshop), source);
        case 'inside':
            return workshop.readPicture(insideFile(fileOf(source.of, made)));
        case 'made':
            return workshop.readPicture(fileOf(source, made));
    }
}

function fileOf(source: PictureSource, made: MadeFiles): string {
    const file = source.kind === 'made' ? made.get(source.plan) : undefined;
    if (!file) throw new Error(`${source.kind === 'made' ? source.name : 'A picture'} was not made.`);
    return file;
}

/** Where what was painted inside of a frame is stored: beside the whole picture. */
export function insideFile(file: string): string {
    return file.replace(/\.png$/, '-inside.png');
}
