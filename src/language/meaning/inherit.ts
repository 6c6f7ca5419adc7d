/** Inheritance: the settings of a generate along `extends`, and where each of them came from. */
import { AstUtils, type LangiumDocument, type Reference } from 'langium';
import * as ast from '../generated/ast.ts';
import { removes, slotOf } from './slots.ts';
import { isWhole } from './whole.ts';

/** A setting that is in force for a generate. */
export interface Effective<S extends ast.Setting = ast.Setting> {
    readonly setting: S;
    /** What it is written in. */
    readonly from: SettingsOwner;
}

/** What settings are written in. */
export type SettingsOwner = ast.Generate | ast.NamedSettings | ast.Case;

/** The generate that another one extends. Completion asks about generates that are being typed, which have no bases yet. */
export function extendedBy(generate: ast.Generate | undefined): ast.Generate | undefined {
    const bases: readonly Reference<ast.Base>[] = generate?.bases ?? [];
    for (const { ref } of bases) if (ast.isGenerate(ref)) return ref;
    return undefined;
}

/** Where it is named. */
export function baseReference(generate: ast.Generate | undefined): Reference<ast.Base> | undefined {
    return generate?.bases.find(({ ref }) => ast.isGenerate(ref)) ?? generate?.bases[0];
}

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
    return knownOf(generate).settingsOf(generate);
}

/** What a generate has from what it extends, before its own clauses. */
export function inheritedSettings(generate: ast.Generate): readonly Effective[] {
    return knownOf(generate).inheritedBy(generate);
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

/** The settings in force for a generate, as a case of a sweep changes them. */
export function effectiveIn(generate: ast.Generate, changed: ast.Case | undefined): readonly Effective[] {
    return changed ? heir(changed, effective(generate)) : effective(generate);
}

/** The generates of a file that others of it extend. */
export function basesIn(spec: ast.Spec): ReadonlySet<ast.Generate> {
    return knownOf(spec).basesIn(spec);
}

/** How many generates extend each other up to this one, itself among them; infinite where they go round in a circle. */
export function chainLength(generate: ast.Generate): number {
    return knownOf(generate).lengthOf(generate);
}

/** What a generate and its bases set by `with`, the farthest first. */
export function bindingsOf(generate: ast.Generate): readonly ast.ParamBinding[] {
    return knownOf(generate).bindingsOf(generate);
}

/** A document knows whose inheritance it has part in. */
export interface Inheriting {
    readonly inheritance?: Inheritance;
}

/** Trees without a document of the language's services, as tools of the editor make them, have none that is kept. */
function knownOf(node: ast.Generate | ast.Spec): Inheritance {
    const document: (LangiumDocument & Inheriting) | undefined = AstUtils.findRootNode(node).$document;
    return document?.inheritance ?? new Inheritance();
}

/** What generates inherit, found once each: true until names may lead elsewhere, when its owner makes it forget. */
export class Inheritance {
    readonly #settings = new Map<ast.Generate, readonly Effective[]>();
    readonly #bases = new Map<ast.Spec, ReadonlySet<ast.Generate>>();
    readonly #lengths = new Map<ast.Generate, number>();
    readonly #bindings = new Map<ast.Generate, readonly ast.ParamBinding[]>();

    forget(): void {
        this.#settings.clear();
        this.#bases.clear();
        this.#lengths.clear();
        this.#bindings.clear();
    }

    settingsOf(generate: ast.Generate): readonly Effective[] {
        const chain: ast.Generate[] = [];
        const seen = new Set<ast.Generate>();
        for (let at: ast.Generate | undefined = generate; at && !this.#settings.has(at); at = extendedBy(at)) {
            // A circle is an error: it is enough that it ends.
            if (seen.has(at))
                return lineage(generate)
                    .slice(-MAX_CIRCLE)
                    .reduce<readonly Effective[]>((inherited, from) => heir(from, inherited), []);
            seen.add(at);
            chain.push(at);
        }
        // From the nearest one that is known on, without recursion: chains may be long.
        for (const one of chain.reverse()) this.#settings.set(one, heir(one, this.#takenBy(one)));
        return this.#settings.get(generate)!;
    }

    inheritedBy(generate: ast.Generate): readonly Effective[] {
        const base = extendedBy(generate);
        if (base) this.settingsOf(base);
        return this.#takenBy(generate);
    }

    basesIn(spec: ast.Spec): ReadonlySet<ast.Generate> {
        const before = this.#bases.get(spec);
        if (before) return before;
        const found = spec.declarations.flatMap((one) => (ast.isGenerate(one) ? [extendedBy(one)] : []));
        const set = new Set(found.filter((base) => base !== undefined));
        this.#bases.set(spec, set);
        return set;
    }

    lengthOf(generate: ast.Generate): number {
        const chain = new Set<ast.Generate>();
        let at: ast.Generate | undefined = generate;
        for (; at && !chain.has(at) && !this.#lengths.has(at); at = extendedBy(at)) chain.add(at);
        let length = at ? (this.#lengths.get(at) ?? Number.POSITIVE_INFINITY) : 0;
        for (const one of [...chain].reverse()) this.#lengths.set(one, ++length);
        return this.#lengths.get(generate)!;
    }

    bindingsOf(generate: ast.Generate): readonly ast.ParamBinding[] {
        const known = this.#bindings;
        const chain = new Set<ast.Generate>();
        let at: ast.Generate | undefined = generate;
        for (; at && !chain.has(at) && !known.has(at); at = extendedBy(at)) chain.add(at);
        let inherited = (at && known.get(at)) ?? [];
        for (const one of [...chain].reverse()) {
            if (one.bindings.length > 0) inherited = [...inherited, ...one.bindings];
            known.set(one, inherited);
        }
        return known.get(generate)!;
    }

    /** What a generate takes: of its base, which is known, and of named settings, in the order of writing. Later ones win. */
    #takenBy({ bases: taken }: ast.Generate): readonly Effective[] {
        return taken.reduce<readonly Effective[]>((inherited, { ref }) => {
            if (ast.isNamedSettings(ref)) return heir(ref, inherited);
            const settings = ref && this.#settings.get(ref);
            if (!settings) return inherited;
            return inherited.length === 0 ? settings : replaceBy(inherited, settings);
        }, []);
    }
}

const MAX_CIRCLE = 100;

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
