/** Names come from three places: this file, the files that it imports, and the built-in library. Nothing leaks. */

import {
    type AstNode,
    type AstNodeDescription,
    AstUtils,
    DefaultScopeProvider,
    EMPTY_SCOPE,
    type LangiumCoreServices,
    type ReferenceInfo,
    type Scope,
    type Stream,
    stream,
    URI,
    WorkspaceCache,
} from 'langium';
import * as ast from '../generated/ast.ts';
import { holeKind } from '../grammar/text.ts';
import { libraryDocuments } from '../library/library.ts';
import { extendedBy } from '../meaning/inherit.ts';
import { membersOf, namedClausesOf } from './members.ts';
import { specFolderOf, uriOf } from './paths.ts';

/** As documents know themselves. */
const LIBRARY_URIS: ReadonlySet<string> = new Set(libraryDocuments().map(({ uri }) => URI.parse(uri).toString()));

export class SpecScopeProvider extends DefaultScopeProvider {
    readonly #names: WorkspaceCache<string, ReadonlyMap<string, readonly AstNodeDescription[]>>;

    constructor(services: LangiumCoreServices) {
        super(services);
        this.#names = new WorkspaceCache(services.shared);
    }

    override getScope(context: ReferenceInfo): Scope {
        const { container, property } = context;
        if (ast.isImportedName(container) && property === 'target') {
            return this.#scope(this.#exportsOf(importedUri(container.$container)), ast.Declaration.$type, EMPTY_SCOPE);
        }
        if (property === 'clause') return this.createScopeForNodes(clausesFor(container));
        if (ast.isMemberAxis(container)) return this.createScopeForNodes(membersOf(container.$container.subject?.ref));
        if (ast.isParamBinding(container)) return this.#paramsFor(container);
        const spec = AstUtils.getContainerOfType(container, ast.isSpec);
        if (!spec) return EMPTY_SCOPE;
        return this.#scope(this.#visibleIn(spec), this.#typeOf(context), EMPTY_SCOPE);
    }

    /** The params of the file that is used: the imported one, or that of the base, the prompt …; and what is visible here. */
    #paramsFor({ $container }: ast.ParamBinding): Scope {
        const type = ast.Param.$type;
        if (ast.isImport($container)) return this.#scope(this.#exportsOf(importedUri($container)), type, EMPTY_SCOPE);
        const spec = AstUtils.getContainerOfType($container, ast.isSpec);
        const target = usedWith($container);
        const used = target ? this.#exportsOf(AstUtils.getDocument(target).uri) : new Map();
        return this.#scope(used, type, spec ? this.#scope(this.#visibleIn(spec), type, EMPTY_SCOPE) : EMPTY_SCOPE);
    }

    /** `{name}` is a param, `<name>` an embedding. */
    #typeOf(context: ReferenceInfo): string {
        const { container } = context;
        if (!ast.isHole(container)) return this.reflection.getReferenceType(context);
        const kind = holeKind(container.$container, container.$containerIndex ?? 0);
        return kind === 'param' ? ast.Param.$type : ast.WordSource.$type;
    }

    /** A file's own names hide imported ones, and those the library's. */
    #visibleIn(spec: ast.Spec): ReadonlyMap<string, readonly AstNodeDescription[]> {
        const uri = AstUtils.getDocument(spec).uri;
        return this.#names.get(`visible in ${uri}`, () => {
            const names = new Map<string, AstNodeDescription[]>();
            const add = (description: AstNodeDescription) => {
                const known = names.get(description.name);
                if (known) known.push(description);
                else names.set(description.name, [description]);
            };
            for (const description of this.indexManager.allElements(undefined, new Set([uri.toString()])))
                add(description);
            for (const { exported, name } of this.#importedInto(spec)) add({ ...exported, name });
            const library = new Set([...LIBRARY_URIS].filter((other) => other !== uri.toString()));
            for (const description of this.indexManager.allElements(undefined, library)) add(description);
            return names;
        });
    }

    *#importedInto(spec: ast.Spec): Iterable<{ readonly exported: AstNodeDescription; readonly name: string }> {
        for (const borrowed of spec.imports) {
            const exports = this.#exportsOf(importedUri(borrowed));
            for (const { target, alias } of borrowed.names) {
                if (!target) continue;
                for (const exported of exports.get(target.$refText) ?? [])
                    yield { exported, name: alias ?? exported.name };
            }
        }
    }

    /** What a file declares itself: what it imports is not passed on. */
    #exportsOf(uri: URI | undefined): ReadonlyMap<string, readonly AstNodeDescription[]> {
        if (!uri) return new Map();
        return this.#names.get(`exports of ${uri}`, () => {
            const names = new Map<string, AstNodeDescription[]>();
            for (const description of this.indexManager.allElements(undefined, new Set([uri.toString()]))) {
                names.set(description.name, [...(names.get(description.name) ?? []), description]);
            }
            return names;
        });
    }

    #scope(names: ReadonlyMap<string, readonly AstNodeDescription[]>, type: string, outer: Scope): Scope {
        const fits = (description: AstNodeDescription) => this.reflection.isSubtype(description.type, type);
        return {
            getElement: (name) => names.get(name)?.find(fits) ?? outer.getElement(name),
            getElements: (name): Stream<AstNodeDescription> => stream(names.get(name)?.filter(fits) ?? []),
            getAllElements: () => stream(names.values()).flatMap((descriptions) => descriptions.filter(fits)),
        };
    }
}

/** The clauses with names that a sweep's axis or a `without` may mean. */
function clausesFor(container: AstNode): readonly ast.NamedClause[] {
    if (ast.isWithoutClause(container)) {
        const generate = AstUtils.getContainerOfType(container, ast.isGenerate);
        if (generate) return namedClausesOf(extendedBy(generate));
    }
    return namedClausesOf(AstUtils.getContainerOfType(container, ast.isSweep)?.subject?.ref);
}

/** Where an import points to; undefined while its path is not written yet. */
export function importedUri(borrowed: ast.Import): URI | undefined {
    const path = borrowed.path ?? '';
    if (path === '') return undefined;
    return uriOf(path, specFolderOf(borrowed));
}

/** The import that was to bring a name, and did not. */
export function failedImportOf(name: string, node: AstNode): ast.Import | undefined {
    const spec = AstUtils.getContainerOfType(node, ast.isSpec);
    const brings = ({ target, alias }: ast.ImportedName) => (alias ?? target?.$refText) === name && !target?.ref;
    return spec?.imports.find(({ names }) => names.some(brings));
}

/** The generate whose picture is used where params are set. */
function pictureBehind({ $container }: ast.WhichPicture): ast.Generate | undefined {
    const source = 'picture' in $container ? $container.picture?.ref : undefined;
    return ast.isGenerate(source) ? source : undefined;
}

/** What `with` sets params for. */
function usedWith(container: Exclude<ast.ParamBinding['$container'], ast.Import>): AstNode | undefined {
    switch (container.$type) {
        case 'Generate':
            return extendedBy(container);
        case 'WhichPicture':
            return pictureBehind(container);
        case 'Phrase':
        case 'Member':
            return container.prompt?.ref;
        case 'TilesClause':
        case 'UpscaleClause':
            return container.via?.ref;
        default:
            return container.source?.ref;
    }
}
