/** Inheritance: the settings of a generate along `extends`, and where each of them came from. */
import { type AstNode, AstUtils, type Reference } from 'langium';
import * as ast from '../generated/ast.ts';
import { extendedBy } from './bases.ts';
import { isWhole } from './whole.ts';

/** A setting that is in force for a generate. */
export interface Effective<S extends ast.Setting = ast.Setting> {
    readonly setting: S;
    /** What it is written in. */
    readonly from: SettingsOwner;
}

/** What settings are written in. */
export type SettingsOwner = ast.Generate | ast.NamedSettings | ast.Case;

/** The chain of bases, the farthest first, the generate itself last. Stops where it would go round in a circle. */
export function lineage(generate: ast.Generate): readonly ast.Generate[] {
    const chain = new Set<ast.Generate>();
    for (let at: ast.Generate | undefined = generate; at && !chain.has(at); at = extendedBy(at)) chain.add(at);
    return [...chain].reverse();
}

/**
 * The settings in force: a clause replaces the base's clause of its kind; `infuse`, `control` and `apply` replace the
 * base's clauses of the same name or target and are beside the others; `without` removes. Expectations judge the
 * pictures of one runnable and are not inherited.
 */
export function effective(generate: ast.Generate): readonly Effective[] {
    const known = knownNow();
    const chain: ast.Generate[] = [];
    const seen = new Set<ast.Generate>();
    for (let at: ast.Generate | undefined = generate; at && !known.has(at); at = extendedBy(at)) {
        // A circle is an error: it is enough that it ends.
        if (seen.has(at))
            return lineage(generate)
                .slice(-MAX_CIRCLE)
                .reduce<readonly Effective[]>((inherited, from) => heir(from, inherited), []);
        seen.add(at);
        chain.push(at);
    }
    // From the nearest one that is known on, without recursion: chains may be long.
    for (const one of chain.reverse()) {
        known.set(one, heir(one, inheritedBy(one, known)));
    }
    return known.get(generate)!;
}

/** What a generate has from what it extends, before its own clauses. */
export function inheritedSettings(generate: ast.Generate): readonly Effective[] {
    const base = extendedBy(generate);
    if (base) effective(base);
    return inheritedBy(generate, knownNow());
}

/** The settings in force but those that the base has with the same model: what is wrong with them is reported there. */
export function unlikeBase(generate: ast.Generate): readonly Effective[] {
    const settings = effective(generate);
    const base = extendedBy(generate);
    const before = base && base !== generate ? effective(base) : [];
    if (settingOf(settings, ast.isUseClause) !== settingOf(before, ast.isUseClause)) return settings;
    const known = new Set(before.map(({ setting }) => setting));
    return settings.filter(({ setting }) => !known.has(setting));
}

/** What a generate takes: of its base, and of named settings, in the order of writing. Later ones win. */
function inheritedBy(
    { bases: taken }: ast.Generate,
    known: ReadonlyMap<ast.Generate, readonly Effective[]>,
): readonly Effective[] {
    return taken.reduce<readonly Effective[]>((inherited, { ref }) => {
        if (ast.isNamedSettings(ref)) return heir(ref, inherited);
        return (ref && mergedWith(known.get(ref) ?? [], inherited)) ?? inherited;
    }, []);
}

function mergedWith(later: readonly Effective[], inherited: readonly Effective[]): readonly Effective[] {
    return inherited.length === 0 ? later : replaceBy(inherited, later);
}

/** The settings in force for a generate, as a case of a sweep changes them. */
export function effectiveIn(generate: ast.Generate, changed: ast.Case | undefined): readonly Effective[] {
    return changed ? heir(changed, effective(generate)) : effective(generate);
}

/** The generates of a file that others of it extend. */
export function basesIn(spec: ast.Spec): ReadonlySet<ast.Generate> {
    knownNow();
    const before = bases.get(spec);
    if (before) return before;
    const found = spec.declarations.flatMap((one) => (ast.isGenerate(one) ? [extendedBy(one)] : []));
    const set = new Set(found.filter((base) => base !== undefined));
    bases.set(spec, set);
    return set;
}

const MAX_CIRCLE = 100;

let known = new Map<ast.Generate, readonly Effective[]>();
let bases = new Map<ast.Spec, ReadonlySet<ast.Generate>>();

/** What is known holds until the next turn of the event loop: names may lead elsewhere after a change in a file. */
function knownNow(): Map<ast.Generate, readonly Effective[]> {
    if (known.size === 0) void Promise.resolve().then(forgetEffective);
    return known;
}

function forgetEffective(): void {
    known = new Map();
    bases = new Map();
}

function heir(from: SettingsOwner, inherited: readonly Effective[]): readonly Effective[] {
    const own = from.settings.filter((s) => isWhole(s) && !ast.isWithoutClause(s) && !ast.isUnknownSetting(s));
    const kept = inherited.filter(
        ({ setting }) => !ast.isExpectClause(setting) && !from.settings.some((s) => isWhole(s) && removes(s, setting)),
    );
    return replaceBy(
        kept,
        own.map((setting) => ({ setting, from })),
    );
}

/** The effective setting of one kind; the last where there are several. */
export function settingOf<S extends ast.Setting>(
    settings: readonly Effective[],
    is: (node: unknown) => node is S,
): S | undefined {
    return settingsOf(settings, is).at(-1);
}

export function settingsOf<S extends ast.Setting>(
    settings: readonly Effective[],
    is: (node: unknown) => node is S,
): readonly S[] {
    return settings.map(({ setting }) => setting).filter((setting): setting is S => is(setting));
}

/** New clauses take the places of those that they replace; the others follow. */
function replaceBy(base: readonly Effective[], own: readonly Effective[]): readonly Effective[] {
    const keys = new Set(own.map(({ setting }) => slotOf(setting)));
    const placed = new Set<string>();
    const settings = base.flatMap((inherited) => {
        const slot = slotOf(inherited.setting);
        if (!keys.has(slot)) return [inherited];
        if (placed.has(slot)) return [];
        placed.add(slot);
        return own.filter(({ setting }) => slotOf(setting) === slot);
    });
    return [...settings, ...own.filter(({ setting }) => !placed.has(slotOf(setting)))];
}

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
