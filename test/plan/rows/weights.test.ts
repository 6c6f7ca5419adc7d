/** The weights and passes that are shown are those of the mixing matrices and rows that run. */
import { expect, test } from 'vitest';
import { drawValues } from '../../../src/language/write/curve-text.ts';
import { hasWeights, layerWeightsOf } from '../../../src/language/write/layer-weights.ts';
import type { Curve, Window } from '../../../src/plan/curve.ts';
import type { Infusion, PicturePlan } from '../../../src/plan/plan.ts';
import { featureMixture } from '../../../src/plan/rows/feature-mixture.ts';
import { rowsAt } from '../../../src/plan/rows/moment-rows.ts';
import { layOut } from '../../../src/plan/rows/rows.ts';
import { infusionWeight } from '../../../src/plan/rows/weights.ts';
import { SAMPLER_NAMES, type SamplerName } from '../../../src/plan/samplers.ts';
import { momentAt, momentsOf, orderOf, visitOf } from '../../../src/plan/steps.ts';
import { createSampler } from '../../../src/runtime/samplers/create.ts';
import { caseInfusion, casePlan, siteWeights } from '../../parity/plans.ts';

const SD15 = {
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: 'scaled_linear',
    steps_offset: 1,
    skip_prk_steps: true,
};
const RISING: Curve = {
    keys: [
        { at: 0, value: 0.1 },
        { at: 1, value: 0.9 },
    ],
    easing: 'cosine',
};

function planOf(name: SamplerName, infusion: Infusion, strength?: number): PicturePlan {
    const sampler = { name, schedule: 'normal', eta: 0 } as const;
    const options = { prompt: 'a tower', width: 64, height: 64, steps: 10, guidance: 6, sampler };
    const start =
        strength === undefined ? {} : { start: { pictures: [], mixing: 'linear', latent: 'mean', strength } as const };
    return casePlan(options, { infusions: [infusion], ...start });
}

const SITES = siteWeights({ mid: 0.3, 'down.1': -0.2 });
const windows: readonly Window[] = [
    { from: 0, to: 1 },
    { from: 0, to: 0.5 },
    { from: 0.3, to: 0.7 },
    { from: 0.6, to: 1 },
];

test.each(windows.flatMap((window) => [undefined, 0.6].map((strength) => ({ window, strength }))))(
    'the page shows the matrices of every call: %j',
    ({ window, strength }) => {
        for (const name of ['euler', 'heun', 'dpm2', 'pndm'] as const) {
            const sites = [...SITES, { site: 'up.0', weight: RISING } as const];
            const infusion = caseInfusion([0], sites, { window, decay: 0.9, weight: RISING });
            const plan = planOf(name, infusion, strength);
            const layout = layOut(plan, 1);
            const moments = momentsOf(name, plan.steps, strength);
            const shown = layerWeightsOf(infusion, plan).sites;
            const columns = layout.guided.length + layout.bias.length;
            for (const [k, moment] of moments.entries()) {
                const matrix = featureMixture(layout, moment, true);
                expect(rowsAt(layout, moment).bias).toEqual(matrix === null ? [] : layout.bias);
                for (const [t, tap] of layout.taps.entries()) {
                    const site = tap.infusions[0]!.site;
                    const inMatrix = matrix ? matrix[t * layout.guided.length * columns + layout.guided.length]! : 0;
                    const onPage = shown.find((one) => one.site === site.site)!.weights[k]!;
                    expect(Math.fround(onPage)).toBe(inMatrix);
                    expect(onPage).toBe(infusionWeight(infusion, site, moment));
                }
            }
        }
    },
);

test('a window over the first half of a Heun run ends in 0', () => {
    const infusion = caseInfusion([0], SITES, { window: { from: 0, to: 0.5 }, decay: 0.9 });
    const { title, sites } = layerWeightsOf(infusion, planOf('heun', infusion));
    expect(title).toBe('infuse 0, decay 0.9, in steps 1 to 5 of 10');
    expect(sites[0]!.weights).toHaveLength(19);
    expect(sites[0]!.weights.at(-1)).toBe(0);
    // Decay counts steps; call 9 is the second of step 4.
    expect(sites[0]!.weights[9]).toBeCloseTo(0.3 * 0.9 ** 4, 12);
    expect(sites[0]!.drawn).toBe(drawValues(sites[0]!.weights));
});

test('many pictures are counted, and a whole window is not mentioned', () => {
    const infusion = caseInfusion([0, 1, 2, 3], SITES);
    expect(layerWeightsOf(infusion, planOf('euler', infusion)).title).toBe('infuse 4 pictures');
});

test.each(SAMPLER_NAMES)('%s: the plan counts the calls that the sampler makes', (name) => {
    for (const steps of [1, 2, 3, 8]) {
        for (const strength of [undefined, 1, 0.5]) {
            const moments = momentsOf(name, steps, strength);
            if (Math.floor(steps * (strength ?? 1)) === 0) {
                expect(moments).toEqual([]);
                continue;
            }
            const startCall = (steps - Math.floor(steps * (strength ?? 1))) * orderOf(name);
            const sampler = createSampler(name, SD15, { steps, startCall });
            const calls = sampler.timesteps.slice(startCall).map((_, k) => startCall + k);
            expect(moments).toEqual(calls.map((call) => momentAt(sampler, call)));
            const visits = sampler.timesteps.map((_, call) => visitOf(name, call));
            for (const [a, first] of visits.entries()) {
                for (const [b, second] of visits.entries()) {
                    const together = sampler.timesteps[a] === sampler.timesteps[b];
                    if (first === second) expect(together).toBe(true);
                    // The middle of an ancestral step may happen to be the next step's timestep.
                    else if (name !== 'dpm2-a') expect(together).toBe(false);
                }
            }
        }
    }
});

test('an infusion of nothing is not drawn, one with a negative weight is', () => {
    const plan = planOf('euler', caseInfusion([0], SITES));
    const shown = (weights: Record<string, number>) => layerWeightsOf(caseInfusion([0], siteWeights(weights)), plan);
    expect(hasWeights(shown({}))).toBe(false);
    expect(hasWeights(shown({ mid: 0 }))).toBe(false);
    expect(hasWeights(shown({ mid: 0, 'down.1': -0.2 }))).toBe(true);
});
