/** What fits: which words of the language are offered at a place. */
import { AstUtils, type Grammar, GrammarAST } from 'langium';
import { findFirstFeatures } from 'langium/lsp';
import { SAMPLERS, type SamplerName } from '../../../plan/samplers.ts';
import * as ast from '../../generated/ast.ts';
import { effective, extendedBy } from '../../meaning/inherit.ts';

/** Where the cursor is, as far as lines and the words before it show. */
export interface CompletionPlace {
    /** Nothing is before it on its line but white space, or only an opening brace. */
    readonly fresh: boolean;
    /** The token before it. */
    readonly before: string | undefined;
    /** All tokens of the clause so far, from the first of its line. */
    readonly line: readonly string[];
    readonly declaration: ast.Declaration | undefined;
    /** The clause that the cursor is in, if it parses. */
    readonly clause: ast.Setting | undefined;
    readonly inLibrary: boolean;
}

/** Rules that only catch mistakes, or that spell out words which may be names. */
export const SILENT: ReadonlySet<string> = new Set([
    'UnknownSetting',
    'UnknownDeclaration',
    'UnknownValue',
    'UnknownWord',
    'UnknownAxis',
    'UnknownNotIn',
    'UnknownPlain',
    'Name',
    'AxisName',
    'LayerName',
]);
/** Words that are understood, and have another name now. */
const FORMER: Readonly<Record<string, readonly string[]>> = {
    Sweep: ['zipped'],
    ScaleAxis: ['by'],
    InfuseAxis: ['layer'],
    ClauseAxis: ['layer'],
    StartPicture: ['weight'],
    Member: ['weight'],
    MemberAxis: ['weight'],
    TraceClause: ['completed', 'finish'],
    InfuseClause: ['latent', 'rows', 'clean', 'cond', 'match-std'],
};
const CATALOGUE = new Set(['Layer', 'Sampler', 'Schedule']);
/** Clauses that may occur several times in a block. */
const REPEATED = new Set([
    'InfuseClause',
    'ApplyClause',
    'ControlClause',
    'WithoutClause',
    'ScaleClause',
    'FromClause',
    'BesideClause',
    'Case',
]);
/** After these a value must follow, on whatever line. */
const OPEN_ENDED = /^(,|->|\.\.|@|=|\[|<=|>=|[a-z-]+)$/;

export class Fits {
    readonly #starters = new Map<string, ReadonlySet<unknown>>();

    constructor(grammar: Grammar) {
        for (const rule of grammar.rules.filter(GrammarAST.isParserRule)) {
            const first = findFirstFeatures(rule.definition).map((path) => path.at(-1)?.feature);
            this.#starters.set(rule.name, new Set(first));
        }
    }

    keyword(keyword: GrammarAST.Keyword, place: CompletionPlace): boolean {
        const rule = ruleOf(keyword);
        if (FORMER[rule]?.includes(keyword.value)) return false;
        if (keyword.value === '->') return !place.fresh;
        if (!/\p{L}/u.test(keyword.value) || SILENT.has(rule) || (CATALOGUE.has(rule) && !place.inLibrary))
            return false;
        const starts = this.#begins(keyword, rule);
        if (place.fresh ? !starts && isFinished(place) : starts && isLineRule(rule)) return false;
        if (starts && isTaken(rule, place)) return false;
        if (rule === 'WithoutClause' && !starts && !inherited(place).some(({ word }) => word === keyword.value))
            return false;
        if (!starts && place.line.includes(keyword.value) && isOption(keyword)) return false;
        return rule !== 'SamplerClause' || fitsSampler(keyword.value, place);
    }

    /** Names and values: those that begin a line only on a fresh one, the others only where a value is missing. */
    value(rule: string, place: CompletionPlace): boolean {
        if (SILENT.has(rule)) return false;
        if (place.fresh) return rule !== 'WithoutClause';
        const first = [
            'LayerSelector',
            'Phrase',
            'Text',
            'Member',
            'ParamAxis',
            'ClauseAxis',
            'ClauseScanAxis',
            'ClauseLayerAxis',
            'LayerWeight',
            'WordWeight',
        ];
        return (
            !first.includes(rule) || place.before === undefined || OPEN_ENDED.test(place.before) || place.before === '{'
        );
    }

    #begins(keyword: GrammarAST.Keyword, rule: string): boolean {
        return this.#starters.get(rule)?.has(keyword) ?? false;
    }
}

/** The rule that a piece of the grammar belongs to. */
export function ruleOf(feature: GrammarAST.AbstractElement): string {
    return AstUtils.getContainerOfType(feature, GrammarAST.isParserRule)?.name ?? '';
}

/** Rules whose first word begins a line. */
function isLineRule(rule: string): boolean {
    return /(Clause|Axis|Expectation)$/.test(rule) || rule === 'Import' || TOP_LEVEL.has(rule);
}

const TOP_LEVEL = new Set([
    'Model',
    'Lora',
    'Embedding',
    'ControlNet',
    'Upscaler',
    'Image',
    'Param',
    'Prompt',
    'Ensemble',
    'LayerSet',
    'WeightSet',
    'NamedSettings',
    'Version',
    'Case',
    'Generate',
    'Sweep',
    'Mosaic',
    'Print',
    'Learn',
]);

/** On a fresh line the clause above is over, unless its last word asks for more. */
function isFinished({ before }: CompletionPlace): boolean {
    return before === undefined || !/^(,|->|\.\.|@|=|\[|<=|>=)$/.test(before);
}

/** The clauses that a generate has from its base, by their first words. */
export function inherited({
    declaration,
}: CompletionPlace): readonly { readonly word: string; readonly setting: ast.Setting }[] {
    const base = ast.isGenerate(declaration) ? extendedBy(declaration) : undefined;
    const settings = base ? effective(base) : [];
    return settings.map(({ setting }) => ({ word: /^[a-z]+/.exec(setting.$cstNode?.text ?? '')?.[0] ?? '', setting }));
}

/** Whether a clause of this kind is in the block already. */
function isTaken(rule: string, { declaration, clause }: CompletionPlace): boolean {
    if (!declaration || REPEATED.has(rule)) return false;
    const settings: readonly { readonly $type: string }[] =
        'settings' in declaration ? declaration.settings : ast.isSweep(declaration) ? declaration.items : [];
    if (/^(Infuse|Scan|Scale|Number)\w*Axis$/.test(rule)) return false;
    return settings.some((setting) => setting.$type === rule && setting !== clause);
}

function isOption(keyword: GrammarAST.Keyword): boolean {
    const rule = ruleOf(keyword);
    return rule.endsWith('Clause') && !['StartClause', 'WithoutClause', 'OutpaintClause'].includes(rule);
}

/** `eta` only for samplers that have it, `on` only for those that follow other schedules. */
function fitsSampler(word: string, { line }: CompletionPlace): boolean {
    const facts = SAMPLERS[line[1] as SamplerName];
    if (!facts) return true;
    if (word === 'eta') return facts.noise === 'with eta';
    return word !== 'on' || facts.schedules.length > 1;
}
