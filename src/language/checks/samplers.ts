/** Samplers: options that fit, and numbers of steps that make sense. */
import { type SamplerFacts, type ScheduleName, samplerFacts } from '../../plan/samplers.ts';
import * as ast from '../generated/ast.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { libraryName } from '../meaning/param-values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { own } from './generates.ts';
import { known } from './numbers.ts';
import { quoted } from './settings.ts';

export const samplerChecks: Checks = {
    SamplerClause: (clause, report) => {
        const facts = samplerFacts(libraryName(clause.sampler) ?? '');
        if (!facts) return;
        checkSchedule(clause, facts, report);
        if (clause.eta && facts.noise !== 'with eta') {
            const message = `Only \`ddim\` has an eta; ${facts.title} ${facts.noise === 'always' ? 'always draws fresh noise' : 'never draws fresh noise'}: leave it out.`;
            report('sampler/eta', 'error', message, clause, { property: 'eta' });
        }
        const schedule = libraryName(clause.schedule);
        if (clause.spacing && schedule && schedule !== 'normal') {
            const message = `The ${schedule} schedule has its own levels: \`spacing\` has no say, leave it out.`;
            report('sampler/spacing', 'warning', message, clause, { property: 'spacing' });
        }
    },
    SamplerChoice: (choice, report) => {
        const facts = samplerFacts(choice.sampler.$refText);
        if (facts) checkSchedule(choice, facts, report);
    },
    Generate: (generate, report) => {
        const settings = effective(generate);
        const clause = settingOf(settings, ast.isSamplerClause);
        const stepsClause = settingOf(settings, ast.isStepsClause);
        const place = own(generate, clause as ast.Setting | undefined, stepsClause);
        if (!clause?.sampler || !place) return;
        const steps = stepsClause ? known(stepsClause.value) : DEFAULTS.steps;
        const { advice } = samplerFacts(libraryName(clause.sampler) ?? '') ?? {};
        if (steps === undefined || !advice) return;
        if (steps >= (advice.from ?? 0) && steps <= (advice.to ?? Number.POSITIVE_INFINITY)) return;
        report('sampler/steps', 'information', advice.text.replace('{steps}', `${steps}`), place.node);
    },
};

function checkSchedule(node: ast.SamplerClause | ast.SamplerChoice, facts: SamplerFacts, report: Report): void {
    const schedule = node.schedule?.$refText;
    if (
        !schedule ||
        !node.schedule?.ref ||
        ast.isParam(node.schedule.ref) ||
        ast.isParam(node.sampler.ref) ||
        facts.schedules.includes(schedule as ScheduleName)
    )
        return;
    const fits = facts.schedules.filter((name) => name !== 'normal');
    const message =
        fits.length > 0
            ? `${facts.title} can follow ${quoted(fits)}.`
            : `${facts.title} follows its own schedule: leave \`on ${schedule}\` out, or take a sampler like \`dpmpp-2m\`.`;
    const fix = replace('Change to `dpmpp-2m`', node, 'dpmpp-2m', { property: 'sampler' });
    report('sampler/schedule', 'error', message, node, { property: 'schedule', fix });
}
