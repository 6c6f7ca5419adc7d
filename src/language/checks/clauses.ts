/** Clauses that may come several times: their names, what adds up, and what `without` removes. */
import * as ast from '../generated/ast.ts';
import { effective, identity, isNamedClause, lineage, removes, targetSlotOf } from '../meaning/inherit.ts';
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
    const base = lineage(generate).at(-2);
    if (!base) return;
    const named = effective(base).flatMap(({ setting }) => (isNamedClause(setting) ? [setting] : []));
    for (const setting of generate.settings) {
        if (!isWhole(setting) || isNamedClause(setting)) continue;
        if (!ast.isInfuseClause(setting) && !ast.isControlClause(setting)) continue;
        const beside = named.find((one) => targetSlotOf(one) === targetSlotOf(setting));
        if (!beside || generate.settings.some((one) => isWhole(one) && removes(one, beside))) continue;
        const message = `This acts beside \`${beside.name}\` of \`${base.name}\`, which does the same: write \`as ${beside.name}\` to replace it.`;
        report('clause/beside', 'information', message, setting);
    }
}

function reportWithout(clause: ast.WithoutClause, report: Report): void {
    const generate = clause.$container;
    if (ast.isNamedSettings(generate)) return;
    if (!(ast.isGenerate(generate) || ast.isCase(generate)) || (clause.kind === undefined && !clause.clause?.ref))
        return;
    const base = ast.isCase(generate) ? generate.$container.subject.ref : lineage(generate).at(-2);
    const fix = removeLine('Remove this line', clause);
    if (!base) {
        const message = '`without` removes what a base has, but this generate extends none: remove the line.';
        report('without/nothing', 'warning', message, clause, { fix });
    } else if (clause.kind === 'expect') {
        const message = '`expect` judges the pictures of its own generate and is not inherited: remove the line.';
        report('without/nothing', 'warning', message, clause, { fix });
    } else if (!effective(base).some(({ setting }) => removes(clause, setting))) {
        report('without/nothing', 'warning', nothingToRemove(clause, base), clause, { fix });
    }
}

/** Pictures are meant as a set: another set that has one of them is named, if there is one. */
function nothingToRemove({ pictures }: ast.WithoutClause, base: ast.Generate): string {
    const wanted = pictures.map(identity);
    const near = effective(base)
        .map(({ setting }) => setting)
        .filter(ast.isInfuseClause)
        .find((one) => one.pictures.some(({ picture }) => wanted.includes(identity(picture))));
    if (!near) return `\`${base.name}\` has nothing of the kind: remove the line.`;
    const names = near.pictures.map(({ picture }) => picture.$refText).join(', ');
    return `\`${base.name}\` infuses other pictures together: write \`without infuse ${names}\` to remove that clause, or remove the line.`;
}
