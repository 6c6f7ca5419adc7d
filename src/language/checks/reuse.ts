/** What is used again: versions, named settings, params set by `with`, prompts within prompts, cases. */
import { AstUtils, type Reference } from 'langium';
import * as ast from '../generated/ast.ts';
import { lineage } from '../meaning/inherit.ts';
import { readBy } from '../meaning/uses.ts';
import { LANGUAGE_VERSION, VERSIONS } from '../meaning/versions.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';

export const reuseChecks: Checks = {
    Version: (version, report) => {
        if (VERSIONS.includes(version.number)) return;
        const message = `This spec is written for version ${version.number} of the language, and this sdspec knows ${VERSIONS.join(', ')}: update sdspec, or write \`sdspec ${LANGUAGE_VERSION}\` and look at what changes.`;
        const fix = replace(`Change to ${LANGUAGE_VERSION}`, version, String(LANGUAGE_VERSION), { property: 'number' });
        report('spec/version', 'error', message, version, { property: 'number', fix });
    },
    Import: (clause, report) => {
        if (clause.bindings.length > 0) reportUnusedByImport(clause, report);
    },
    Generate: (generate, report) => {
        const { bases } = generate;
        if (generate.bindings.length > 0) reportUnusedByHeir(generate, report);
        const generates = bases.filter(({ ref }) => ast.isGenerate(ref));
        const [first, second] = generates;
        if (!first || !second) return;
        const node = second.$refNode?.astNode;
        if (!node) return;
        const message = `A generate extends one other, and \`${first.$refText}\` and \`${second.$refText}\` are two: put what they share into \`settings\`.`;
        report('extends/two', 'error', message, node, { property: 'bases', index: bases.indexOf(second) });
    },
    ParamBinding: ({ $container, param, value }, report) => {
        const declared = param.ref?.value;
        if (!declared) return;
        if (ast.isNumberLiteral(declared) && !ast.isNumberLiteral(value)) {
            const message = `\`${param.$refText}\` is a number: write its value without quotes.`;
            report('param/number', 'error', message, value);
        }
        const again = $container.bindings.filter((one) => one.param.ref === param.ref);
        if (again.length > 1 && again[0]?.value !== value) {
            report('clause/twice', 'error', `\`${param.$refText}\` is set twice: keep one of them.`, value);
        }
    },
    Phrase: ({ prompt, bindings }, report) => reportUnused(prompt, bindings, report),
    Member: ({ prompt, bindings }, report) => reportUnused(prompt, bindings, report),
    NegativeClause: ({ source, bindings }, report) => reportUnused(source, bindings, report),
    PromptChoice: ({ source, bindings }, report) => reportUnused(source, bindings, report),
    WhichPicture: ({ $container, bindings }, report) => reportUnused($container.picture, bindings, report),
    TilesClause: ({ via, bindings }, report) => reportUnused(via, bindings, report),
    UpscaleClause: ({ via, bindings }, report) => reportUnused(via, bindings, report),
    Prompt: (prompt, report) => {
        if (!contains(prompt, prompt)) return;
        const message = `\`${prompt.name}\` is a part of itself: take it out of one of the prompts that it names.`;
        report('prompt/cycle', 'error', message, prompt, { property: 'name' });
    },
    PromptClause: (clause, report) => {
        reportUnused(clause.source, clause.bindings, report);
        if (!ast.isEnsemble(clause.source?.ref)) return;
        const name = clause.source.$refText;
        const isTimed = clause.weight || clause.window || clause.words.length > 0;
        if (clause.phrases.length === 0 && !isTimed) return;
        const message =
            clause.phrases.length > 0
                ? `\`${name}\` is an ensemble, and phrases can't be added to it: add them to its members.`
                : `\`${name}\` is an ensemble, and its members have weights and windows of their own: write them there.`;
        report('prompt/ensemble', 'error', message, clause, { property: 'source' });
    },
    Sweep: (sweep, report) => reportCases(sweep, report),
};

/** Params that are set for something that does not use them. */
function reportUnused(
    used: Reference<ast.Declaration> | undefined,
    bindings: readonly ast.ParamBinding[],
    report: Report,
): void {
    const target = used?.ref;
    if (!target || bindings.length === 0) return;
    reportUnread(`\`${used.$refText}\` does not use`, bindings, readBy([target]), report);
}

/** What a generate sets is for itself and what it inherits, not for other pictures that it is made of; its heirs have it too. */
function reportUnusedByHeir(generate: ast.Generate, report: Report): void {
    const spec = AstUtils.getContainerOfType(generate, ast.isSpec);
    const heirs = spec?.declarations.filter(ast.isGenerate).filter((one) => lineage(one).includes(generate)) ?? [];
    const family = new Set([generate, ...heirs].flatMap(lineage));
    const read = readBy([generate, ...heirs], (one) => !ast.isGenerate(one) || family.has(one));
    reportUnread(`Neither \`${generate.name}\` nor what it extends uses`, generate.bindings, read, report);
}

/** What an import sets is for all that is taken from its file. */
function reportUnusedByImport(clause: ast.Import, report: Report): void {
    const { imports } = clause.$container as ast.Spec;
    const names = imports.filter(({ path }) => path === clause.path).flatMap((one) => one.names);
    const taken = names.map(({ target }) => target?.ref);
    // A name that leads nowhere is reported, and may be what uses the param.
    if (taken.some((one) => one === undefined)) return;
    const read = readBy(taken.filter((one) => one !== undefined));
    reportUnread(`Nothing that is taken from "${clause.path}" uses`, clause.bindings, read, report);
}

function reportUnread(
    beginning: string,
    bindings: readonly ast.ParamBinding[],
    read: ReadonlySet<ast.Declaration>,
    report: Report,
): void {
    for (const binding of bindings) {
        const param = binding.param?.ref;
        if (!param || read.has(param)) continue;
        const message = `${beginning} \`${binding.param.$refText}\`, so this changes nothing: set one of its params, or leave it out.`;
        report('with/unused', 'warning', message, binding);
    }
}

function contains(prompt: ast.Prompt, wanted: ast.Prompt, seen = new Set<ast.Prompt>()): boolean {
    return prompt.phrases.filter(isWhole).some(({ prompt: named }) => {
        const inner = named?.ref;
        if (!inner || seen.has(inner)) return false;
        seen.add(inner);
        return inner === wanted || contains(inner, wanted, seen);
    });
}

function reportCases({ items }: ast.Sweep, report: Report): void {
    const seen = new Set<string>();
    for (const one of items.filter(ast.isCase)) {
        if (seen.has(one.name)) {
            report('sweep/case', 'error', `Two cases are named \`${one.name}\`: give this one another name.`, one, {
                property: 'name',
            });
        }
        seen.add(one.name);
    }
}
