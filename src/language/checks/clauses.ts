/** Clauses that may come several times: their names, what adds up, and what `without` removes. */
import * as ast from '../generated/ast.ts';
import { type Effective, effective, inheritedSettings } from '../meaning/inherit.ts';
import { identity, isNamedClause, removes, targetSlotOf } from '../meaning/slots.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, removeLine } from '../place.ts';
import type { Checks } from './check.ts';

export const clauseChecks: Checks = {
    Generate: (generate, report) => {
        reportNames(generate, report);
        reportTwins(generate, report);
        reportBeside(generate, report);
    },
    WithoutClause: reportWithout,
};

/** Clauses of one block that have the same name. */
function reportNames({ settings }: ast.Generate, report: Report): void {
    const seen = new Set<string>();
    for (const setting of settings) {
        if (!isNamedClause(setting)) continue;
        if (seen.has(setting.name)) {
            const message = `Two clauses are named \`${setting.name}\`: give this one another name.`;
            report('clause/name-taken', 'error', message, setting, { property: 'name' });
        }
        seen.add(setting.name);
    }
}

/** Clauses of one block that do the same to the same, without names to distinguish them. */
function reportTwins({ settings }: ast.Generate, report: Report): void {
    const seen = new Set<string>();
    for (const setting of settings) {
        if (!isWhole(setting) || isNamedClause(setting)) continue;
        const what = whatAddsUp(setting);
        if (what === undefined) continue;
        const slot = ast.isControlClause(setting)
            ? `${targetSlotOf(setting)} ${identity(setting.picture)}`
            : targetSlotOf(setting);
        if (seen.has(slot)) {
            const name = ast.isApplyClause(setting)
                ? 'write one weight in one clause'
                : `name them (\`${what} as early\`), so that sweeps, \`without\` and heirs can mean one of them`;
            const message = `\`${what}\` is here twice, and both act: their weights add up. If that is meant, ${name}.`;
            report('clause/adds-up', 'warning', message, setting);
        }
        seen.add(slot);
    }
}

function whatAddsUp(setting: ast.Setting): string | undefined {
    switch (setting.$type) {
        case 'InfuseClause':
            return `infuse ${setting.pictures.map(({ picture }) => picture.$refText).join(', ')}`;
        case 'ControlClause':
            return `control ${setting.net.$refText} by ${setting.picture.$refText}`;
        case 'ApplyClause':
            return `apply ${setting.lora.$refText}`;
        default:
            return undefined;
    }
}

/** A clause without a name replaces none that has one: both act. */
function reportBeside(generate: ast.Generate, report: Report): void {
    const named = inheritedSettings(generate).flatMap(({ setting, from }) =>
        isNamedClause(setting) ? [{ setting, from }] : [],
    );
    if (named.length === 0) return;
    for (const setting of generate.settings) {
        if (!isWhole(setting) || isNamedClause(setting)) continue;
        if (!ast.isInfuseClause(setting) && !ast.isControlClause(setting)) continue;
        const beside = named.find((one) => targetSlotOf(one.setting) === targetSlotOf(setting));
        if (!beside || generate.settings.some((one) => isWhole(one) && removes(one, beside.setting))) continue;
        const { name } = beside.setting;
        const message = `This acts beside \`${name}\` of \`${beside.from.name}\`, which does the same: write \`as ${name}\` to replace it.`;
        report('clause/beside', 'information', message, setting);
    }
}

function reportWithout(clause: ast.WithoutClause, report: Report): void {
    const heir = clause.$container;
    if (!(ast.isGenerate(heir) || ast.isCase(heir)) || (clause.kind === undefined && !clause.clause?.ref)) return;
    const message = nothingRemoved(clause, heir);
    if (message) report('without/nothing', 'warning', message, clause, { fix: removeLine('Remove this line', clause) });
}

function nothingRemoved(clause: ast.WithoutClause, heir: ast.Generate | ast.Case): string | undefined {
    const bases = ast.isCase(heir) ? [heir.$container.subject] : heir.bases;
    if (!bases.some(({ ref }) => ref))
        return '`without` removes what a base has, but this generate extends none: remove the line.';
    if (clause.kind === 'expect')
        return '`expect` judges the pictures of its own generate and is not inherited: remove the line.';
    const settings = ast.isCase(heir) ? effective(heir.$container.subject.ref!) : inheritedSettings(heir);
    if (settings.some(({ setting }) => removes(clause, setting))) return undefined;
    const names = bases.map(({ $refText }) => `\`${$refText}\``).join(' and ');
    return nothingToRemove(clause, settings, `${names} ${bases.length > 1 ? 'have' : 'has'}`);
}

/** Pictures are meant as a set: another set that has one of them is named, if there is one. */
function nothingToRemove({ pictures }: ast.WithoutClause, settings: readonly Effective[], has: string): string {
    const wanted = pictures.map(identity);
    const near = settings
        .map(({ setting }) => setting)
        .filter(ast.isInfuseClause)
        .find((one) => one.pictures.some(({ picture }) => wanted.includes(identity(picture))));
    if (!near) return `${has} nothing of the kind: remove the line.`;
    const names = near.pictures.map(({ picture }) => picture.$refText).join(', ');
    return `${has} other pictures infused together: write \`without infuse ${names}\` to remove that clause, or remove the line.`;
}
