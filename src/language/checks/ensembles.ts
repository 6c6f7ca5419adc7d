/** Ensembles: members, shares that can be normalised, and when averaging latents differs from averaging predictions. */
import { type Curve, constant, sample } from '../../plan/curve.ts';
import { isStochastic, type SamplerName, samplerFacts } from '../../plan/samplers.ts';
import * as ast from '../generated/ast.ts';
import { positionsOf } from '../lower/curve.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { libraryName } from '../meaning/param-values.ts';
import { shareOf } from '../meaning/values.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

export const ensembleChecks: Checks = {
    Ensemble: (ensemble, report) => {
        const at = { property: 'name' } as const;
        const names = new Map<string, ast.Member>();
        for (const member of ensemble.members) {
            const name = member.name;
            if (!name) continue;
            if (names.has(name)) {
                report('name/taken', 'error', `Another member is called \`${name}\`: choose another name.`, member, at);
            }
            names.set(name, member);
        }
        if (ensemble.members.length === 0) {
            report('ensemble/empty', 'error', 'An ensemble has members: write a phrase a line.', ensemble, at);
        } else if (ensemble.members.length === 1) {
            report('ensemble/one', 'information', 'An ensemble of one is a prompt: add another member.', ensemble, at);
        }
        const sum = emptyStep(ensemble, 100);
        if (sum !== undefined) {
            const message = `At ${sum}% of the steps all shares together are 0, so there is nothing to average: keep one above 0.`;
            report('ensemble/sum', 'error', message, ensemble, at);
        }
    },
    PromptClause: (clause, report) => {
        const ensemble = clause.source?.ref;
        const generate = clause.$container;
        if (ast.isEnsemble(ensemble) && ensemble.space === 'latents' && ast.isGenerate(generate)) {
            reportLatents(clause, generate, report);
        }
    },
};

/** The first per cent of the steps at which the shares sum to 0. */
function emptyStep({ members }: ast.Ensemble, steps: number): number | undefined {
    const curves = members.map(({ weight }) => knownCurve(weight));
    if (curves.length === 0 || curves.some((curve) => curve === undefined)) return undefined;
    for (let step = 0; step < steps; step++) {
        const sum = curves.reduce((total, curve) => total + sample(curve!, step, steps), 0);
        if (Math.abs(sum) < 1e-9) return Math.round((100 * step) / (steps - 1));
    }
    return undefined;
}

function knownCurve(curve: ast.Curve | undefined): Curve | undefined {
    if (!curve) return constant(1);
    const values = curve.keys.map(({ value }) => known(value));
    if (values.length === 0 || values.some((value) => value === undefined)) return undefined;
    const positions = positionsOf(curve.keys.map(({ at }) => (at === undefined ? undefined : shareOf(at))));
    return { keys: values.map((value, i) => ({ at: positions[i]!, value: value! })), easing: curve.easing ?? 'linear' };
}

function reportLatents(clause: ast.PromptClause, generate: ast.Generate, report: Report): void {
    const settings = effective(generate);
    const sampler = settingOf(settings, ast.isSamplerClause);
    const name = libraryName(sampler?.sampler) ?? DEFAULTS.sampler.name;
    const eta = known(sampler?.eta) ?? 0;
    const guidance = settingOf(settings, ast.isGuidanceClause);
    const rescaled = (known(guidance?.rescale) ?? 0) > 0;
    const plain = samplerFacts(name)?.affine && !isStochastic(name as SamplerName, eta) && !rescaled;
    const message = plain
        ? `With \`${name}\` the mean of latents equals the mean of predictions: \`over predictions\` gives the same picture in less work.`
        : `With \`${name}\`${rescaled ? ' and rescaled guidance' : ''} the mean of latents may differ from the mean of predictions: every member takes its own steps.`;
    report(plain ? 'ensemble/same' : 'ensemble/differs', 'information', message, clause, { property: 'source' });
}
