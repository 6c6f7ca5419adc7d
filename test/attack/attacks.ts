/** The attacks by name, in the order of the table. */
import { giantSpecs } from './giants.ts';
import type { Scale, Tally } from './kit.ts';
import { damagedFolders } from './run-folders.ts';
import { mutatedSpecs } from './specs.ts';
import { configurations, weightHeaders } from './weights.ts';

export const ATTACKS: Readonly<Record<string, (scale: Scale) => Promise<Tally>>> = {
    specs: mutatedSpecs,
    giants: giantSpecs,
    headers: weightHeaders,
    configurations,
    folders: damagedFolders,
};
