/** The attacks by name, in the order of the table. */
import { giantSpecs } from './inputs/giants.ts';
import { pictureMetadata } from './inputs/metadata.ts';
import { mutatedSpecs } from './inputs/specs.ts';
import { configurations, weightHeaders } from './inputs/weights.ts';
import { wordsOfPlans } from './inputs/words.ts';
import type { Scale, Tally } from './kit.ts';
import { lyingHub } from './network/hub.ts';
import { networkOfSpecs } from './network/spec-alone.ts';
import { killedSweeps } from './processes/kills.ts';
import { resources } from './processes/resources.ts';
import { signals } from './processes/signals.ts';
import { hovers } from './shown/hovers.ts';
import { terminalOutput } from './shown/terminal.ts';
import { plantedLinks } from './state/links.ts';
import { damagedFolders } from './state/run-folders.ts';
import { lockedPictures } from './state/verify.ts';

export const ATTACKS: Readonly<Record<string, (scale: Scale) => Promise<Tally>>> = {
    specs: mutatedSpecs,
    giants: giantSpecs,
    headers: weightHeaders,
    metadata: pictureMetadata,
    words: wordsOfPlans,
    folders: damagedFolders,
    locks: lockedPictures,
    configurations,
    signals,
    kills: killedSweeps,
    resources,
    links: plantedLinks,
    terminal: terminalOutput,
    hovers,
    hub: lyingHub,
    network: networkOfSpecs,
};
