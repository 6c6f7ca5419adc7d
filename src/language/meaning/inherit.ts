/** Inheritance: the settings of a generate along `extends`, and where each of them came from. */
import { type AstNode, AstUtils, type Reference } from 'langium';
import * as ast from '../generated/ast.ts';
import { isWhole } from './whole.ts';

/** A setting that is in force for a generate. */
export interface Effective<S extends ast.Setting = ast.Setting> {
    readonly setting: S;
    /** The generate that wrote it. */
    readonly from: ast.Generate;
}

/** The chain of bases, the farthest first, the generate itself last. Stops where it would go round in a circle. */
export function lineage(generate: ast.Generate): readonly ast.Generate[] {
    const chain = new Set<ast.Generate>();
    for (let at: ast.Generate | undefined = generate; at && !chain.has(at); at = at.base?.ref) chain.add(at);
    return [...chain].reverse();
}

/**
 * The settings in force: a clause replaces the base's clause of its kind; `infuse`, `control` and `apply` replace the
 * base's clauses of the same target and are beside the others; `without` removes. Expectations judge one runnable and
 * are not inherited.
 */
export function effective(generate: ast.Generate): readonly Effective[] {
    const chain = lineage(generate);
    const isCircle = chain[0]?.base?.ref !== undefined;
    return chain.reduce((inherited, from) => (isCircle ? heir : rememberedHeir)(from, inherited), NONE);
}

const NONE: readonly Effective[] = [];

/** What a generate was last found to have, and what that depends on. */
interface Heritage {
    readonly inherited: readonly Effective[];
    /** The list of references, another one after Langium has linked the document again, as after a change of a file that it imports. */
    readonly links: unknown;
    readonly settings: readonly Effective[];
}

const HERITAGES = new WeakMap<ast.Generate, Heritage>();

/** `heir`, computed again only where the base's settings or the document's links are others than before. */
function rememberedHeir(from: ast.Generate, inherited: readonly Effective[]): readonly Effective[] {
    const links = AstUtils.findRootNode(from).$document?.references;
    const known = HERITAGES.get(from);
    if (known && known.inherited === inherited && known.links === links) return known.settings;
    const settings = heir(from, inherited);
    HERITAGES.set(from, { inherited, links, settings });
    return settings;
}

function heir(from: ast.Generate, inherited: readonly Effective[]): readonly Effective[] {
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

/** What a clause replaces: its kind, or its kind and target. */
export function slotOf(setting: ast.Setting): string {
    switch (setting.$type) {
        case 'InfuseClause':
            return `infuse ${setting.pictures.map(({ picture }) => identity(picture)).join(' ')}`;
        case 'ApplyClause':
            return `apply ${identity(setting.lora)}`;
        case 'ControlClause':
            return `control ${identity(setting.net)}`;
        default:
            return setting.$type;
    }
}

/** The same for the same declaration, whatever it is called where it is used. */
export function identity(reference: Reference): string {
    const node: AstNode | undefined = reference.ref;
    if (!node) return reference.$refText;
    return `${AstUtils.getDocument(node).uri}#${'name' in node ? node.name : reference.$refText}`;
}

/** Whether a `without` clause removes a setting. Targets that it does not name: all of the kind. */
export function removes(clause: ast.Setting, setting: ast.Setting): boolean {
    if (!ast.isWithoutClause(clause)) return false;
    const among = (named: readonly Reference[], targets: readonly Reference[]) =>
        named.length === 0 || targets.some((target) => named.some((name) => identity(name) === identity(target)));
    switch (clause.kind) {
        case 'infuse':
            return (
                ast.isInfuseClause(setting) &&
                among(
                    clause.pictures,
                    setting.pictures.map((p) => p.picture),
                )
            );
        case 'apply':
            return ast.isApplyClause(setting) && among(clause.loras, [setting.lora]);
        case 'control':
            return ast.isControlClause(setting) && among(clause.nets, [setting.net]);
        default:
            return setting.$type === WITHOUT[clause.kind];
    }
}

const WITHOUT: Readonly<Record<Exclude<ast.WithoutClause['kind'], 'infuse' | 'apply' | 'control'>, string>> = {
    negative: 'NegativeClause',
    start: 'StartClause',
    mask: 'MaskClause',
    outpaint: 'OutpaintClause',
    scale: 'ScaleClause',
    trace: 'TraceClause',
};
