/** The editor's services on top of the language's. */
import { inject, type Module } from 'langium';
import {
    createDefaultModule,
    createDefaultSharedModule,
    type DefaultSharedModuleContext,
    DefaultTextDocumentContentProvider,
    type LangiumSharedServices,
    type PartialLangiumServices,
    type PartialLangiumSharedServices,
} from 'langium/lsp';
import { SdspecGeneratedModule, SdspecGeneratedSharedModule } from '../generated/module.ts';
import { LIBRARY_SCHEME } from '../library/library.ts';
import { SpecModule, SpecSharedModule } from '../module.ts';
import type { SpecAddedServices } from '../validator.ts';
import { SdspecActions } from './actions/provider.ts';
import { SdspecServer } from './capabilities.ts';
import { SdspecColours } from './colours.ts';
import { SdspecCompletion } from './completion/provider.ts';
import { Files } from './files.ts';
import { SdspecFormatter } from './format/formatter.ts';
import { SdspecHints } from './hints.ts';
import { SdspecHover } from './hover/provider.ts';
import { SdspecNodeKinds } from './kinds.ts';
import { Vocabularies } from './models.ts';
import { SdspecFolding } from './navigation/folding.ts';
import { SdspecHierarchy } from './navigation/hierarchy.ts';
import { SdspecLinks } from './navigation/links.ts';
import { SdspecRename } from './navigation/names.ts';
import { SdspecDocumentSymbols, SdspecWorkspaceSymbols } from './navigation/symbols.ts';
import { Plans } from './runnables/plans.ts';
import type { EditorLanguageServices, EditorOwnServices, EditorServices, Surroundings } from './services.ts';
import { SdspecSignatures } from './signatures.ts';
import { Tokenizers } from './tokenizers.ts';

function ownModule(surroundings: Surroundings): Module<EditorLanguageServices, EditorOwnServices & SpecAddedServices> {
    return {
        spec: {
            Files: ({ editor }) => (surroundings.files ? editor.Tokenizers.withCount(editor.Files) : undefined),
        },
        editor: {
            Files: (services) => new Files(services.shared.workspace.FileSystemProvider, surroundings.files),
            canPin: () => surroundings.sha256 !== undefined,
            sha256: () => surroundings.sha256 ?? (async () => undefined),
            Plans: (services) => new Plans(services.shared, services.editor.Files),
            Tokenizers: (services) => new Tokenizers(services.editor.Files, surroundings.models),
            Vocabularies: (services) => new Vocabularies(services.editor.Files, surroundings.models),
        },
    };
}

const EditorModule: Module<EditorLanguageServices, PartialLangiumServices> = {
    lsp: {
        CallHierarchyProvider: (services) => new SdspecHierarchy(services),
        CodeActionProvider: (services) => new SdspecActions(services),
        CompletionProvider: (services) => new SdspecCompletion(services),
        DocumentLinkProvider: (services) => new SdspecLinks(services),
        DocumentSymbolProvider: () => new SdspecDocumentSymbols(),
        FoldingRangeProvider: () => new SdspecFolding(),
        HoverProvider: (services) => new SdspecHover(services),
        Formatter: () => new SdspecFormatter(),
        InlayHintProvider: (services) => new SdspecHints(services),
        RenameProvider: (services) => new SdspecRename(services),
        SemanticTokenProvider: (services) => new SdspecColours(services),
        SignatureHelp: () => new SdspecSignatures(),
    },
};

const EditorSharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
    lsp: {
        LanguageServer: (services) => new SdspecServer(services),
        NodeKindProvider: () => new SdspecNodeKinds(),
        TextDocumentContentProvider: (services) => new DefaultTextDocumentContentProvider(services, LIBRARY_SCHEME),
        WorkspaceSymbolProvider: (services) => new SdspecWorkspaceSymbols(services),
    },
};

/** All services of an editor: those of the language, and what an editor asks for. */
export function createEditorServices(
    context: DefaultSharedModuleContext,
    surroundings: Surroundings = {},
): EditorServices {
    const shared = inject(
        createDefaultSharedModule(context),
        SdspecGeneratedSharedModule,
        SpecSharedModule,
        EditorSharedModule,
    );
    const sdspec = inject(
        createDefaultModule({ shared }),
        SdspecGeneratedModule,
        SpecModule,
        ownModule(surroundings),
        EditorModule,
    );
    shared.ServiceRegistry.register(sdspec);
    return { shared, sdspec };
}
