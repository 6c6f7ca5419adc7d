/** Slots: what a clause of a generate replaces, and what `without` removes. */
import { type AstNode, AstUtils, type Reference } from 'langium';
import * as ast from '../generated/ast.ts';

/** What a clause replaces: its kind, its name, or its kind and target. */
export function slotOf(setting: ast.Setting): string {
    return isNamedClause(setting) ? `as ${setting.name}` : targetSlotOf(setting);
}

/** The same without its name. Several pictures are a set: order has no say. */
export function targetSlotOf(setting: ast.Setting): string {
    switch (setting.$type) {
        case 'InfuseClause':
            return `infuse ${targetOf(setting.pictures)}`;
        case 'ApplyClause':
            return `apply ${identity(setting.lora)}`;
        case 'ControlClause':
            return `control ${identity(setting.net)}`;
        default:
            return setting.$type;
    }
}

function targetOf(pictures: readonly ast.InfusedPicture[]): string {
    return setOf(pictures.map(({ picture }) => picture));
}

function setOf(references: readonly Reference[]): string {
    return [...new Set(references.map(identity))].sort().join(' ');
}

/** The same for the same declaration, whatever it is called where it is used. */
export function identity(reference: Reference): string {
    const node: AstNode | undefined = reference.ref;
    if (!node) return reference.$refText;
    return `${AstUtils.getDocument(node).uri}#${'name' in node ? node.name : reference.$refText}`;
}

/** Whether a `without` clause removes a setting. Where it names no target: all of the kind. */
export function removes(clause: ast.Setting, setting: ast.Setting): boolean {
    if (!ast.isWithoutClause(clause)) return false;
    switch (clause.kind) {
        case undefined:
            return isNamedClause(setting) && setting.name === clause.clause?.$refText;
        case 'infuse':
            return (
                ast.isInfuseClause(setting) &&
                (clause.pictures.length === 0 || setOf(clause.pictures) === targetOf(setting.pictures))
            );
        case 'apply':
            return ast.isApplyClause(setting) && isAmong(setting.lora, clause.loras);
        case 'control':
            return ast.isControlClause(setting) && isAmong(setting.net, clause.nets);
        default:
            return [WITHOUT[clause.kind]].flat().includes(setting.$type);
    }
}

function isAmong(target: Reference, named: readonly Reference[]): boolean {
    return named.length === 0 || named.some((name) => identity(name) === identity(target));
}

/** A clause that has a name. */
export type NamedClause = ast.NamedClause & { readonly name: string };

/** Whether a setting is a clause that has a name: `infuse elephant as early`. */
export function isNamedClause(setting: ast.Setting): setting is NamedClause {
    return (ast.isInfuseClause(setting) || ast.isControlClause(setting)) && setting.name !== undefined;
}

const WITHOUT: Readonly<
    Record<Exclude<ast.WithoutClause['kind'], 'infuse' | 'apply' | 'control' | undefined>, string | readonly string[]>
> = {
    use: 'UseClause',
    prompt: 'PromptClause',
    negative: 'NegativeClause',
    size: 'SizeClause',
    seed: 'SeedClause',
    steps: 'StepsClause',
    sampler: 'SamplerClause',
    guidance: 'GuidanceClause',
    noise: 'NoiseClause',
    clip: 'ClipClause',
    long: 'LongPromptsClause',
    start: 'StartClause',
    mask: 'MaskClause',
    outpaint: 'OutpaintClause',
    scale: 'ScaleClause',
    cache: ['DeepCacheClause', 'TextCacheClause'],
    precision: 'PrecisionClause',
    trace: 'TraceClause',
    expect: 'ExpectClause',
};
