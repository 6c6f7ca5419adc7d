/** The services of the editor's side of the language, by name. */
import type { URI } from 'langium';
import type { LangiumServices, LangiumSharedServices } from 'langium/lsp';
import type { FileAccess } from '../host/files.ts';
import type { SpecAddedServices } from '../validator.ts';
import type { Files } from './files.ts';
import type { Vocabularies } from './models.ts';
import type { Plans } from './runnables/plans.ts';
import type { Tokenizers } from './tokenizers.ts';

/** What the host lends to an editor's services. */
export interface Surroundings {
    /** The folder of the models that come with sdspec. */
    readonly models?: URI;
    readonly files?: FileAccess;
    /** The digest of a file, 64 hex digits. */
    readonly sha256?: (uri: string) => Promise<string | undefined>;
}

/** Services of an editor that Langium does not know of. */
export interface EditorOwnServices {
    readonly editor: {
        readonly Files: Files;
        readonly canPin: boolean;
        readonly sha256: (uri: string) => Promise<string | undefined>;
        readonly Plans: Plans;
        readonly Tokenizers: Tokenizers;
        readonly Vocabularies: Vocabularies;
    };
}

export type EditorLanguageServices = LangiumServices & SpecAddedServices & EditorOwnServices;

export interface EditorServices {
    readonly shared: LangiumSharedServices;
    readonly sdspec: EditorLanguageServices;
}
