/** Completion within strings that name files: paths, built-in models and their companions. */
import { type LangiumDocument, type URI, UriUtils } from 'langium';
import { type CompletionItem, CompletionItemKind, type Range } from 'vscode-languageserver';
import { COMPANIONS } from '../../../plan/companions.ts';
import type { EditorLanguageServices } from '../services.ts';
import { thumbnail } from '../thumbnail.ts';
import { rangeBefore, type StringPlace } from './string-place.ts';

/** What a string may be for that names a file. */
type PathKind = Exclude<StringPlace['kind'], 'words' | 'emphasis' | 'value' | 'other'>;

const NETWORK = /\.(safetensors|ckpt|pt|bin)$/i;

const EXTENSIONS: Readonly<Record<PathKind, RegExp>> = {
    model: /\.(safetensors|ckpt)$/i,
    lora: NETWORK,
    embedding: NETWORK,
    controlnet: NETWORK,
    upscaler: NETWORK,
    vae: /\.safetensors$/i,
    image: /\.(png|jpe?g|webp)$/i,
    noise: /\.(safetensors|npy)$/i,
    import: /\.sdspec$/i,
};

export function pathItems(
    services: EditorLanguageServices,
    document: LangiumDocument,
    place: StringPlace,
    kind: PathKind,
): CompletionItem[] {
    const { before } = place;
    const slash = before.lastIndexOf('/');
    const folder = services.editor.Files.resolve(document.uri, before.slice(0, slash + 1) || '.');
    const range = rangeBefore(document, place, before.length - slash - 1);
    const whole = rangeBefore(document, place, before.length);
    const items: CompletionItem[] = [];
    if (kind === 'model' && slash < 0) items.push(...modelItems(whole));
    if (slash < 0) items.push(...companionItems(kind, whole));
    for (const entry of folder ? services.editor.Files.list(folder) : []) {
        const hidden = entry.name.startsWith('.') || entry.name === 'node_modules';
        const self = UriUtils.equals(entry.uri, document.uri);
        if (hidden || self || (!entry.folder && !EXTENSIONS[kind].test(entry.name))) continue;
        items.push(entryItem(services, kind, entry, slash < 0 ? `./${entry.name}` : entry.name, range));
    }
    return items;
}

function entryItem(
    services: EditorLanguageServices,
    kind: StringPlace['kind'],
    entry: { readonly name: string; readonly uri: URI; readonly folder: boolean },
    path: string,
    range: Range,
): CompletionItem {
    // A diffusers model is a folder; all other folders are only on the way.
    const isModel =
        kind === 'model' &&
        entry.folder &&
        services.editor.Files.kindOf(UriUtils.joinPath(entry.uri, 'model_index.json').toString()) === 'file';
    const picture = kind === 'image' && !entry.folder;
    return {
        label: entry.name + (entry.folder && !isModel ? '/' : ''),
        kind: entry.folder && !isModel ? CompletionItemKind.Folder : CompletionItemKind.File,
        sortText: `${entry.folder && !isModel ? 1 : 0}${entry.name}`,
        filterText: path,
        textEdit: { range, newText: entry.folder && !isModel ? `${path}/` : path },
        ...(picture && { data: { picture: entry.uri.toString() } }),
        ...(picture && { documentation: { kind: 'markdown', value: thumbnail(services.editor.Files, entry.uri) } }),
        ...(entry.folder && !isModel && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
    };
}

function modelItems(range: Range): CompletionItem[] {
    return [
        {
            label: 'builtin:sketch',
            kind: CompletionItemKind.Module,
            detail: 'the small model that comes with sdspec',
            sortText: '00',
            textEdit: { range, newText: 'builtin:sketch' },
        },
        {
            label: 'hf:',
            kind: CompletionItemKind.Module,
            detail: 'a model of the Hugging Face hub: hf:owner/name',
            sortText: '01',
            textEdit: { range, newText: 'hf:' },
        },
    ];
}

/** What comes with sdspec for a lora, an embedding or a controlnet. */
function companionItems(kind: StringPlace['kind'], range: Range): CompletionItem[] {
    return Object.entries(COMPANIONS)
        .filter(([, companion]) => companion.kind === kind)
        .map(([name, { about, model }]) => ({
            label: `builtin:${name}`,
            kind: CompletionItemKind.Module,
            detail: `comes with sdspec, for builtin:${model}`,
            documentation: { kind: 'markdown', value: about },
            sortText: '00',
            textEdit: { range, newText: `builtin:${name}` },
        }));
}
