/** The pictures that measuring a scan compares, read and encoded as the run has them. */
import { join } from 'node:path';
import type { Rgb } from '../../pictures/picture.ts';
import { covering, toUnit } from '../../pictures/pixels.ts';
import { readSource } from '../inputs/read-source.ts';
import { makeFirst } from '../make-first.ts';
import type { RunContext } from '../run-context.ts';
import { openPlanModel } from '../run-models.ts';
import type { ScanPictures } from './scan.ts';

/** What measuring a scan needs: the finished pictures, their bias pictures on the canvas, and latents of both. */
export function scanPictures(making: RunContext): ScanPictures {
    const { request, folder, workshop } = making;
    const known = new Map<string, Promise<Rgb>>();
    return {
        made(cell) {
            const picture = known.get(cell.file) ?? workshop.readPicture(join(folder, cell.file));
            known.set(cell.file, picture);
            return picture;
        },
        async bias({ plan }) {
            const made = await makeFirst(plan, making);
            const sources = plan.infusions.flatMap(({ pictures }) => pictures.map(({ picture }) => picture));
            return Promise.all(
                sources.map(async (source) =>
                    covering(await readSource(source, request.base, made, workshop), plan.size),
                ),
            );
        },
        async encode(picture, cell) {
            const model = await openPlanModel(cell.plan.model, cell.plan, await makeFirst(cell.plan, making), making);
            const { mean } = await model.encodeImage(toUnit(picture));
            return mean.data.map((value) => value * model.checkpoint.latentScale);
        },
    };
}
