/** The pictures on the way to a print's subject, kept beside the print so that they can be looked at together. */
import { join } from 'node:path';
import type { PictureSource } from '../../../plan/plan.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { writeWhole } from '../../write-whole.ts';
import { type MadeFiles, readSource } from '../inputs/read-source.ts';
import type { RecordedStage } from '../record.ts';
import type { RunServices } from '../run-services.ts';

interface Place {
    /** The run's folder, and the spec's. */
    readonly folder: string;
    readonly base: string;
    readonly workshop: RunServices;
}

/** Writes what the subject was made of, as far as it was: `start.png`, `painted.png`, and itself, `subject.png`. */
export async function saveStages(
    of: PictureSource,
    subject: Rgb,
    made: MadeFiles,
    { folder, base, workshop }: Place,
): Promise<readonly RecordedStage[]> {
    const stages: RecordedStage[] = [];
    const save = async (kind: RecordedStage['kind'], picture: Rgb) => {
        const file = `${kind}.png`;
        await writeWhole(join(folder, file), await workshop.png(picture));
        stages.push({ kind, file, width: picture.width, height: picture.height });
    };
    const read = (source: PictureSource) => readSource(source, base, made, workshop);
    const whole = of.kind === 'inside' ? of.of : of;
    const start = whole.kind === 'made' ? whole.plan.start?.pictures[0]?.picture : undefined;
    // A start that is made itself belongs to the run that made the picture.
    if (start?.kind === 'file') await save('start', await read(start));
    if (of.kind === 'inside') await save('painted', await read(whole));
    await save('subject', subject);
    return stages;
}
