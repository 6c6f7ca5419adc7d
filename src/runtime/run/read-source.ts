/** Reads the pixels of a picture source. */
import type { PicturePlan, PictureSource } from '../../plan/plan.ts';
import type { Rgb } from '../events.ts';
import { placeOf } from './inputs.ts';
import type { Workshop } from './workshop.ts';

/** Files of pictures that the spec itself makes, by the plan that makes them. */
export type MadeFiles = ReadonlyMap<PicturePlan, string>;

/** The pixels of a picture source. */
export async function readSource(
    source: PictureSource,
    base: string,
    made: MadeFiles,
    workshop: Workshop,
): Promise<Rgb> {
    switch (source.kind) {
        case 'file':
            return workshop.readPicture(placeOf(base, source.path));
        case 'edges':
            return workshop.edges(await readSource(source.of, base, made, workshop), source);
        case 'made': {
            const file = made.get(source.plan);
            if (!file) throw new Error(`${source.name} was not made.`);
            return workshop.readPicture(file);
        }
    }
}
