/** The language's services, wired together. */
import {
    type AstNode,
    type AstNodeDescription,
    createDefaultCoreModule,
    createDefaultSharedCoreModule,
    DefaultLangiumDocumentFactory,
    DefaultScopeComputation,
    type DefaultSharedCoreModuleContext,
    DefaultWorkspaceManager,
    DocumentState,
    EmptyFileSystem,
    inject,
    type LangiumCoreServices,
    type LangiumDocument,
    type LangiumSharedCoreServices,
    type LocalSymbols,
    type Module,
    MultiMap,
    type ParseResult,
    type PartialLangiumCoreServices,
    URI,
} from 'langium';
import type { Checked, CheckedDeclarations } from './checks/all.ts';
import { isLayer } from './generated/ast.ts';
import { SdspecGeneratedModule, SdspecGeneratedSharedModule } from './generated/module.ts';
import { SpecParserMessages } from './grammar/syntax.ts';
import { SpecValueConverter } from './grammar/text.ts';
import { SpecLexer, SpecTokenBuilder } from './grammar/tokens.ts';
import type { FileAccess } from './host/files.ts';
import { libraryDocuments } from './library/library.ts';
import { SpecScopeProvider } from './linking/imports.ts';
import { Inheritance, type Inheriting } from './meaning/inherit.ts';
import { type SpecAddedServices, SpecValidator } from './validator.ts';

/** A file's own top-level names; layers by all of theirs. Nested names (members of ensembles) stay where they are. */
class SpecScopeComputation extends DefaultScopeComputation {
    protected override addExportedSymbol(
        node: AstNode,
        exports: AstNodeDescription[],
        document: LangiumDocument,
    ): void {
        super.addExportedSymbol(node, exports, document);
        if (!isLayer(node)) return;
        for (const alias of node.aliases) exports.push(this.descriptions.createDescription(node, alias, document));
    }

    override async collectLocalSymbols(): Promise<LocalSymbols> {
        return new MultiMap<AstNode, AstNodeDescription>();
    }
}

/** Loads the built-in library before any other document. */
class SpecWorkspaceManager extends DefaultWorkspaceManager {
    readonly #services: LangiumSharedCoreServices;

    constructor(services: LangiumSharedCoreServices) {
        super(services);
        this.#services = services;
    }

    protected override async loadAdditionalDocuments(
        _folders: unknown,
        collect: (document: LangiumDocument) => void,
    ): Promise<void> {
        const { LangiumDocumentFactory } = this.#services.workspace;
        for (const { uri, text } of libraryDocuments())
            collect(LangiumDocumentFactory.fromString(text, URI.parse(uri)));
    }
}

/** What the language changes in Langium's own services; an editor adds its services to it. */
export const SpecModule: Module<
    LangiumCoreServices & SpecAddedServices,
    PartialLangiumCoreServices & SpecAddedServices
> = {
    parser: {
        Lexer: (services) => new SpecLexer(services),
        TokenBuilder: () => new SpecTokenBuilder(),
        ValueConverter: () => new SpecValueConverter(),
        ParserErrorMessageProvider: () => new SpecParserMessages(),
    },
    references: {
        ScopeComputation: (services) => new SpecScopeComputation(services),
        ScopeProvider: (services) => new SpecScopeProvider(services),
    },
    validation: {
        DocumentValidator: (services) => new SpecValidator(services),
    },
    spec: {
        Files: () => undefined,
    },
};

/** What documents know together, beyond Langium's own services. */
export interface SpecSharedAddedServices {
    readonly spec: { readonly Inheritance: Inheritance; readonly Checked: CheckedDeclarations };
}

/** Documents know the inheritance that their generates have part in, and what was said of their declarations. */
class SpecDocumentFactory extends DefaultLangiumDocumentFactory {
    readonly #services: SpecSharedAddedServices;

    constructor(services: LangiumSharedCoreServices & SpecSharedAddedServices) {
        super(services);
        this.#services = services;
    }

    protected override createLangiumDocument<T extends AstNode = AstNode>(
        ...given: Parameters<DefaultLangiumDocumentFactory['createLangiumDocument']>
    ): LangiumDocument<T> {
        const document = super.createLangiumDocument<T>(...(given as [ParseResult<T>, URI]));
        const { Inheritance: inheritance, Checked: checked } = this.#services.spec;
        return Object.assign(document, { inheritance, checked } satisfies Inheriting & Checked);
    }
}

function inheritanceOf(services: LangiumSharedCoreServices): Inheritance {
    const inheritance = new Inheritance();
    whenNamesMayChange(services, () => inheritance.forget());
    return inheritance;
}

function checkedDeclarations(services: LangiumSharedCoreServices): CheckedDeclarations {
    const checked: CheckedDeclarations = new Map();
    whenNamesMayChange(services, () => checked.clear());
    return checked;
}

/** When a document changes, or is linked. */
function whenNamesMayChange({ workspace: { DocumentBuilder } }: LangiumSharedCoreServices, forget: () => void): void {
    DocumentBuilder.onUpdate(forget);
    for (const state of [DocumentState.IndexedContent, DocumentState.Linked])
        DocumentBuilder.onBuildPhase(state, forget);
}

export const SpecSharedModule = {
    spec: {
        Inheritance: inheritanceOf,
        Checked: checkedDeclarations,
    },
    workspace: {
        LangiumDocumentFactory: (services: LangiumSharedCoreServices & SpecSharedAddedServices) =>
            new SpecDocumentFactory(services),
        WorkspaceManager: (services: LangiumSharedCoreServices) => new SpecWorkspaceManager(services),
    },
};

export interface SpecServices {
    readonly shared: LangiumSharedCoreServices;
    readonly sdspec: LangiumCoreServices & SpecAddedServices;
}

export type ServiceContext = DefaultSharedCoreModuleContext & { readonly files?: FileAccess };

/** Services without an editor: parse, link and check. The context says how imports are read, and what files there are. */
export function createServices(context: ServiceContext = EmptyFileSystem): SpecServices {
    const shared = inject(createDefaultSharedCoreModule(context), SdspecGeneratedSharedModule, SpecSharedModule);
    const sdspec = inject(createDefaultCoreModule({ shared }), SdspecGeneratedModule, SpecModule, {
        spec: { Files: () => context.files },
    });
    shared.ServiceRegistry.register(sdspec);
    return { shared, sdspec };
}
