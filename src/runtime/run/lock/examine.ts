/** The pictures of a run as they are on disk, whatever its record says. */
import { join } from 'node:path';
import { pixelsSha256 } from '../../pictures/compare.ts';
import { failureOf } from '../../run-error.ts';
import type { RecordedPicture } from '../record.ts';
import type { RunServices } from '../run-services.ts';
import { readRun } from '../runs.ts';

/** A picture that the record names and whose file exists: read, or why it can't be. */
export type ExaminedPicture = Pick<RecordedPicture, 'cell' | 'file'> &
    ({ readonly sha256: string; readonly phash: string } | { readonly problem: string });

/** Reads the pictures of the run in `folder`, pixel by pixel; those that are not there are left out. */
export async function examineRun(
    folder: string,
    { readPicture, phash }: Pick<RunServices, 'readPicture' | 'phash'>,
): Promise<readonly ExaminedPicture[]> {
    const examined: ExaminedPicture[] = [];
    for (const { cell, file } of readRun(folder)?.record.pictures ?? []) {
        try {
            const picture = await readPicture(join(folder, file));
            examined.push({ cell, file, sha256: pixelsSha256(picture), phash: await phash(picture) });
        } catch (error) {
            examined.push({ cell, file, problem: failureOf(error).message });
        }
    }
    return examined;
}
