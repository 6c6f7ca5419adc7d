/** What is used again: versions, named settings, params set by `with`, prompts within prompts, cases. */
import type { Reference } from 'langium';
import * as ast from '../generated/ast.ts';
import { neededBy } from '../meaning/uses.ts';
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
    Generate: ({ bases }, report) => {
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
    const needed = neededBy(target);
    for (const binding of bindings) {
        const param = binding.param?.ref;
        if (!param || needed.includes(param)) continue;
        const message = `\`${used.$refText}\` does not use \`${binding.param.$refText}\`, so this changes nothing: set one of its params, or leave it out.`;
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
