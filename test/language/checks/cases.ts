/** One case or more for every code, by subject. */
import type { Case } from './case.ts';
import { APPLIED, FILES, MODELS } from './file-cases.ts';
import { EXPECTATIONS, FORMER, GENERATES, MADE } from './generate-cases.ts';
import { ENSEMBLES, LAYERS } from './layer-cases.ts';
import { LEARNING } from './learn-cases.ts';
import { NUMBERS, SAMPLERS, SIZES } from './number-cases.ts';
import { PRINTS } from './print-cases.ts';
import { SLIPS } from './slip-cases.ts';
import { HABITS, MEASURES, SWEEP_VALUES, SWEEPS } from './sweep-cases.ts';
import { IMPORTS, NAMES, SYNTAX } from './syntax-cases.ts';

export const CASES: readonly Case[] = [
    ...SYNTAX,
    ...NAMES,
    ...IMPORTS,
    ...NUMBERS,
    ...SIZES,
    ...SAMPLERS,
    ...GENERATES,
    ...LAYERS,
    ...APPLIED,
    ...FORMER,
    ...ENSEMBLES,
    ...MODELS,
    ...EXPECTATIONS,
    ...SWEEPS,
    ...MADE,
    ...FILES,
    ...LEARNING,
    ...PRINTS,
    ...SWEEP_VALUES,
    ...MEASURES,
    ...HABITS,
    ...SLIPS,
];
