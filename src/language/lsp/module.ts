/** The editor's services on top of the language's. */
import { inject, type Module } from 'langium';
import {
    createDefaultModule,
    createDefaultSharedModule,
    type DefaultSharedModuleContext,
    DefaultTextDocumentContentProvider,
    type LangiumServices,
    type LangiumSharedServices,
    type PartialLangiumServices,
    type PartialLangiumSharedServices,
} from 'langium/lsp';
import { SdspecGeneratedModule, SdspecGeneratedSharedModule } from '../generated/module.ts';
import { LIBRARY_SCHEME } from '../library/library.ts';
import { SpecModule, SpecSharedModule } from '../module.ts';
import { SdspecColours } from './colours.ts';
import { SdspecFolding } from './folding.ts';
import { SdspecFormatter } from './format/formatter.ts';
import { SdspecNodeKinds } from './kinds.ts';
import { SdspecRename } from './names.ts';
import { SdspecDocumentSymbols, SdspecWorkspaceSymbols } from './symbols.ts';

const EditorModule: Module<LangiumServices, PartialLangiumServices> = {
    lsp: {
        DocumentSymbolProvider: () => new SdspecDocumentSymbols(),
        FoldingRangeProvider: () => new SdspecFolding(),
        Formatter: () => new SdspecFormatter(),
        RenameProvider: (services) => new SdspecRename(services),
        SemanticTokenProvider: (services) => new SdspecColours(services),
    },
};

const EditorSharedModule: Module<LangiumSharedServices, PartialLangiumSharedServices> = {
    lsp: {
        NodeKindProvider: () => new SdspecNodeKinds(),
        TextDocumentContentProvider: (services) => new DefaultTextDocumentContentProvider(services, LIBRARY_SCHEME),
        WorkspaceSymbolProvider: (services) => new SdspecWorkspaceSymbols(services),
    },
};

export interface EditorServices {
    readonly shared: LangiumSharedServices;
    readonly sdspec: LangiumServices;
}

/** All services of an editor: those of the language, and what an editor asks for. */
export function createEditorServices(context: DefaultSharedModuleContext): EditorServices {
    const shared = inject(
        createDefaultSharedModule(context),
        SdspecGeneratedSharedModule,
        SpecSharedModule,
        EditorSharedModule,
    );
    const sdspec = inject(createDefaultModule({ shared }), SdspecGeneratedModule, SpecModule, EditorModule);
    shared.ServiceRegistry.register(sdspec);
    return { shared, sdspec };
}
