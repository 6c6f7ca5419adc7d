/** Settings given from outside, as `sdspec run --set steps=2`: they take the place of what every generate says. */
import type { Size } from '../../plan/plan.ts';
import { SAMPLER_NAMES, type SamplerName, SCHEDULES, type ScheduleName } from '../../plan/samplers.ts';
import { nearest } from '../linking/nearest.ts';
import type { NumberField } from '../lower/changes.ts';
import { defaultScheduleOf } from './defaults.ts';
import { fits, LARGEST_SIDE, RANGES } from './ranges.ts';
import { sizeOf } from './values.ts';

/** What may be set. */
export const SETTABLE = ['steps', 'size', 'seed', 'guidance', 'strength', 'eta', 'skip', 'sampler'] as const;

export interface Preset {
    readonly numbers: ReadonlyMap<NumberField, number>;
    readonly seeds?: readonly number[];
    readonly size?: Size;
    readonly sampler?: { readonly name: SamplerName; readonly schedule: ScheduleName };
}

const NO_PRESET: Preset = { numbers: new Map() };

/** The settings of `NAME=VALUE` pairs; `refuse` receives a code and a sentence for what can't be set. */
export function presetOf(
    values: Readonly<Record<string, string>>,
    refuse: (code: string, message: string) => void,
): Preset {
    let preset = NO_PRESET;
    for (const [name, text] of Object.entries(values)) {
        const known = SETTABLE.find((one) => one === name);
        if (known) preset = withValue(preset, known, text.trim(), refuse);
        else {
            const near = nearest(name, SETTABLE);
            const hint = near ? `Did you mean \`${near}\`?` : `Those that can be are ${SETTABLE.join(', ')}.`;
            refuse('set/unknown', `\`${name}\` can't be set from outside. ${hint}`);
        }
    }
    return preset;
}

function withValue(
    preset: Preset,
    name: (typeof SETTABLE)[number],
    text: string,
    refuse: (code: string, message: string) => void,
): Preset {
    switch (name) {
        case 'size': {
            const { width, height, unit } = sizeOf(text);
            const isFine = (side: number) =>
                Number.isInteger(side) && side % 8 === 0 && side >= 8 && side <= LARGEST_SIDE;
            if (unit === '' && isFine(width) && isFine(height)) return { ...preset, size: { width, height } };
            refuse('set/value', `"${text}" is no size: write width and height as multiples of 8, like size=64x64.`);
            return preset;
        }
        case 'sampler': {
            const [sampler = '', on, schedule = defaultScheduleOf(sampler), more] = text.split(/\s+/);
            const known = SAMPLER_NAMES.find((one) => one === sampler);
            const follows = SCHEDULES.find((one) => one === schedule);
            if (known && follows && (on ?? 'on') === 'on' && more === undefined)
                return { ...preset, sampler: { name: known, schedule: follows } };
            refuse('set/value', `"${text}" is no sampler: write sampler=euler or sampler="dpmpp-2m on karras".`);
            return preset;
        }
        case 'seed': {
            const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
            const [from, to] = [Number(first), Number(last)];
            const isRange =
                fits(RANGES.philoxSeed, from) && fits(RANGES.philoxSeed, to) && to >= from && to - from < 10_000;
            if (isRange) return { ...preset, seeds: Array.from({ length: to - from + 1 }, (_, k) => from + k) };
            refuse('set/value', `"${text}" is no seed: write seed=7 or seed=1..4.`);
            return preset;
        }
        default: {
            const range = RANGES[name];
            const number = Number(text);
            if (text !== '' && Number.isFinite(number) && fits(range, number))
                return { ...preset, numbers: new Map([...preset.numbers, [name, number]]) };
            refuse(
                range.code,
                text === '' || !Number.isFinite(number) ? `"${text}" is no number. ${range.rule}` : range.rule,
            );
            return preset;
        }
    }
}
