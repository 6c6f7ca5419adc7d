/** The attacks by name, in the order of the table. */
import { giantSpecs } from './inputs/giants.ts';
import { pictureMetadata } from './inputs/metadata.ts';
import { mutatedSpecs } from './inputs/specs.ts';
import { configurations, weightHeaders } from './inputs/weights.ts';
import { wordsOfPlans } from './inputs/words.ts';
import type { Scale, Tally } from './kit.ts';
import { signals } from './processes/signals.ts';
import { damagedFolders } from './state/run-folders.ts';

export const ATTACKS: Readonly<Record<string, (scale: Scale) => Promise<Tally>>> = {
    specs: mutatedSpecs,
    giants: giantSpecs,
    headers: weightHeaders,
    metadata: pictureMetadata,
    words: wordsOfPlans,
    folders: damagedFolders,
    configurations,
    signals,
};
