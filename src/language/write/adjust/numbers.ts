/** The numbers of a generate that a slider can move: which they are, between which ends, and where each is written. */
import { type AstNode, AstUtils, type CstNode } from 'langium';
import { isConstant } from '../../../plan/curve.ts';
import type { PicturePlan } from '../../../plan/plan.ts';
import * as ast from '../../generated/ast.ts';
import { effective, settingsOf } from '../../meaning/inherit.ts';
import { quantityText } from '../../meaning/quantities.ts';
import { RANGES, type Range } from '../../meaning/ranges.ts';
import { isWhole } from '../../meaning/whole.ts';
import { addClause } from '../add-clause.ts';
import { pinSeed, type SeedEdit } from '../pin-seed.ts';
import { exact } from '../value-text.ts';
import type { AdjustableNumber } from './adjustment.ts';

/** A number with the edits that write another value in its place. */
export interface WrittenNumber extends AdjustableNumber {
    readonly edits: (value: number) => readonly SeedEdit[];
}

/** A sort of number: the values that it takes, those that a slider offers, and by which step. */
interface Sort {
    readonly range: Pick<Range, 'least' | 'most'>;
    readonly slider?: readonly [least: number, most: number];
    readonly step: number;
}

const FREE = { least: -100, most: 100 };
const SORTS = {
    steps: { range: RANGES.steps, slider: [1, 60], step: 1 },
    seed: { range: RANGES.seed, step: 1 },
    guidance: { range: RANGES.guidance, slider: [0, 20], step: 0.1 },
    rescale: { range: RANGES.rescale, slider: [0, 1], step: 0.01 },
    strength: { range: RANGES.strength, slider: [0, 1], step: 0.01 },
    weight: { range: FREE, slider: [0, 2], step: 0.01 },
    emphasis: { range: RANGES.emphasis, slider: [0, 2], step: 0.05 },
    decay: { range: RANGES.decay, slider: [0.8, 1.05], step: 0.005 },
    share: { range: RANGES.share, slider: [0, 1], step: 0.01 },
    adapter: { range: RANGES.adapter, slider: [-1, 2], step: 0.05 },
    eta: { range: RANGES.eta, slider: [0, 1], step: 0.01 },
    skip: { range: RANGES.skip, slider: [0, 11], step: 1 },
    feather: { range: { least: 0, most: 512 }, slider: [0, 64], step: 1 },
} as const satisfies Readonly<Record<string, Sort>>;

/** What is written in the generate itself, in its order; then the steps, the guidance and the seed that hold without a word of it. */
export function adjustableNumbers(generate: ast.Generate, plan: PicturePlan): readonly WrittenNumber[] {
    const found = generate.settings.filter(isWhole).flatMap(numbersIn);
    const written = unique(found);
    const has = (type: ast.Setting['$type']) => generate.settings.some(({ $type }) => $type === type);
    const clause = (text: string) => addClause(generate, { clause: text, declarations: [] });
    const { scale } = plan.guidance;
    const inherited = settingsOf(effective(generate), ast.isGuidanceClause).at(-1);
    const isPlain = isConstant(scale) && !inherited?.window && !inherited?.rescale;
    return [
        ...written,
        ...(has('StepsClause') ? [] : [silent('steps', plan.steps, (value) => clause(`steps ${exact(value)}`))]),
        ...(has('GuidanceClause') || !isPlain
            ? []
            : [silent('guidance', scale.keys[0]?.value ?? 0, (value) => clause(`guidance ${exact(value)}`))]),
        ...(has('SeedClause') || plan.seeds.length !== 1
            ? []
            : [
                  silent('seed', plan.seeds[0]!, (value) => {
                      const edit = pinSeed(generate, value);
                      return edit ? [edit] : [];
                  }),
              ]),
    ];
}

function silent(id: 'steps' | 'guidance' | 'seed', value: number, edits: WrittenNumber['edits']): WrittenNumber {
    return { ...described(id, value, SORTS[id]), isDefault: true, edits };
}

function described(id: string, value: number, { range, slider, step }: Sort): AdjustableNumber {
    return {
        id,
        value,
        least: range.least,
        most: range.most,
        step,
        ...(slider && { slider: { least: Math.min(slider[0], value), most: Math.max(slider[1], value) } }),
    };
}

function numbersIn(setting: ast.Setting): readonly WrittenNumber[] {
    switch (setting.$type) {
        case 'StepsClause':
            return amount('steps', setting.value, SORTS.steps);
        case 'GuidanceClause':
            return [
                ...curve('guidance', setting.scale, SORTS.guidance),
                ...amount('guidance rescale', setting.rescale, SORTS.rescale),
            ];
        case 'SeedClause': {
            const [item] = setting.items;
            return setting.items.length === 1 && item && !item.to ? amount('seed', item.from, SORTS.seed) : [];
        }
        case 'ClipClause':
            return amount('clip skip', setting.value, SORTS.skip);
        case 'SamplerClause':
            return amount('sampler eta', setting.eta, SORTS.eta);
        case 'StartClause':
            return [
                ...setting.pictures.flatMap((one) =>
                    amount(`start from ${nameOf(one.picture)} share`, one.weight, SORTS.share),
                ),
                ...amount('start strength', setting.strength, SORTS.strength),
            ];
        case 'MaskClause':
            return pixels('mask feather', setting.feather);
        case 'InfuseClause': {
            const name = `infuse ${setting.pictures.map(({ picture }) => nameOf(picture)).join(', ')}`;
            return [
                ...setting.pictures.flatMap((one) => amount(`${name} share`, one.share, SORTS.share)),
                ...curve(`${name} weight`, setting.weight, SORTS.weight),
                ...amount(`${name} decay`, setting.decay, SORTS.decay),
            ];
        }
        case 'ApplyClause':
            return amount(`apply ${nameOf(setting.lora)} weight`, setting.weight, SORTS.adapter);
        case 'ControlClause':
            return curve(`control ${nameOf(setting.net)} weight`, setting.weight, SORTS.weight);
        case 'PromptClause':
        case 'NegativeClause':
            return AstUtils.streamAst(setting)
                .flatMap((node) => emphasisOf(node, setting))
                .toArray();
        default:
            return [];
    }
}

function emphasisOf(node: AstNode, setting: ast.PromptClause | ast.NegativeClause): readonly WrittenNumber[] {
    const word = setting.$type === 'PromptClause' ? 'prompt' : 'negative';
    if (node === setting)
        return curve(`${word} ${setting.source?.$refText ?? ''} weight`, setting.weight, SORTS.emphasis);
    if (!ast.isPhrase(node) && !ast.isWordWeight(node)) return [];
    const text = node.text?.$cstNode?.text ?? (ast.isPhrase(node) ? node.prompt?.$refText : undefined) ?? '';
    return curve(`${word} ${shortened(text)} weight`, node.weight, SORTS.emphasis);
}

const SHORT = 24;

function shortened(text: string): string {
    const words = text.replace(/\s+/g, ' ').replace(/^"+|"+$/g, '');
    return words.length > SHORT ? `“${words.slice(0, SHORT - 1).trimEnd()}…”` : `“${words}”`;
}

function nameOf({ $refText }: { readonly $refText: string }): string {
    return $refText;
}

function curve(id: string, node: ast.Curve | undefined, sort: Sort): readonly WrittenNumber[] {
    const keys = node?.keys ?? [];
    return keys.flatMap(({ value, at }, k) =>
        amount(keys.length === 1 ? id : `${id} ${at ? `at ${at}` : `(${k + 1} of ${keys.length})`}`, value, sort),
    );
}

/** A number, or the param of this file that is in its place. */
function amount(id: string, node: ast.Amount | undefined, sort: Sort): readonly WrittenNumber[] {
    if (ast.isNumberAmount(node)) return written(id, node.value, node.$cstNode, sort);
    const param = ast.isParamAmount(node) ? node.param.ref : undefined;
    const literal = param?.value;
    const isHere = node && literal && AstUtils.getDocument(literal) === AstUtils.getDocument(node);
    if (!isHere || !ast.isNumberLiteral(literal)) return [];
    return written(`param ${param.name}`, literal.value, literal.$cstNode, sort);
}

function pixels(id: string, node: ast.Quantity | undefined): readonly WrittenNumber[] {
    const param = node?.param?.ref;
    const literal = param?.value;
    const isHere = node && literal && AstUtils.getDocument(literal) === AstUtils.getDocument(node);
    const value = Number(/^[\d.]+(?=px$)/.exec(quantityText(node))?.[0]);
    if (!Number.isFinite(value)) return [];
    if (!param) return written(id, value, node?.$cstNode, SORTS.feather, 'px');
    return isHere ? written(`param ${param.name}`, value, literal.$cstNode, SORTS.feather, 'px') : [];
}

function written(id: string, value: number, cst: CstNode | undefined, sort: Sort, unit = ''): readonly WrittenNumber[] {
    if (!cst || !Number.isFinite(value)) return [];
    const edits = (to: number) => [{ start: cst.offset, end: cst.end, text: `${exact(to)}${unit}` }];
    return [{ ...described(id, value, sort), edits }];
}

/** A param that is used twice is one number; others of one name are numbered. */
function unique(all: readonly WrittenNumber[]): readonly WrittenNumber[] {
    const ids = new Map<string, number>();
    return all.flatMap((one) => {
        const count = (ids.get(one.id) ?? 0) + 1;
        ids.set(one.id, count);
        if (count === 1) return [one];
        return one.id.startsWith('param ') ? [] : [{ ...one, id: `${one.id} ${count}` }];
    });
}
