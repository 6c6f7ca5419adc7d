/** Imports: files that exist, and no circles. */
import { AstUtils, type LangiumDocuments, URI } from 'langium';
import * as ast from '../generated/ast.ts';
import { importedUri } from '../linking/imports.ts';
import { type Report, removeLine } from '../place.ts';

/** Needs the documents that are loaded, and so is beside the checks of single nodes. */
export function checkImports(spec: ast.Spec, documents: LangiumDocuments, report: Report): void {
    const here = AstUtils.getDocument(spec).uri.toString();
    const seen = new Set<string>();
    for (const borrowed of spec.imports) {
        const uri = importedUri(borrowed);
        const at = { property: 'path' } as const;
        if (!uri) {
            report(
                'import/missing',
                'error',
                'Write the file to import from, as in `from "./models.sdspec"`.',
                borrowed,
                at,
            );
            continue;
        }
        if (uri.toString() === here) {
            const fix = removeLine('Remove the import', borrowed);
            report('import/cycle', 'error', 'A file needs no import of itself: its own names are known.', borrowed, {
                ...at,
                fix,
            });
            continue;
        }
        if (!uri.path.endsWith('.sdspec')) {
            const message = `"${borrowed.path}" is no spec: names are imported from a file that ends in .sdspec.`;
            report('import/extension', 'error', message, borrowed, at);
            continue;
        }
        const target = documents.getDocument(uri);
        if (!target) {
            const message = `There is no file "${borrowed.path}": the path is relative to this file's folder.`;
            report('import/missing', 'error', message, borrowed, at);
            continue;
        }
        if (seen.has(uri.toString())) {
            const message = `"${borrowed.path}" is imported twice: put all names into one import.`;
            report('import/twice', 'warning', message, borrowed, at);
        }
        seen.add(uri.toString());
        if (borrowed.names.length === 0) {
            const fix = removeLine('Remove the import', borrowed);
            report(
                'import/nothing',
                'warning',
                'This import borrows nothing: write the names between the braces.',
                borrowed,
                { fix },
            );
        }
        const circle = pathBack(uri.toString(), here, documents);
        if (circle) {
            const names = [here, ...circle].map((file) => file.slice(file.lastIndexOf('/') + 1)).join(' → ');
            const message = `Imports go round in a circle: ${names}. Move what both need into a file of its own.`;
            report('import/cycle', 'error', message, borrowed, at);
        }
    }
}

/** The files from one to another along imports; undefined where there is no way. */
function pathBack(from: string, to: string, documents: LangiumDocuments): readonly string[] | undefined {
    const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
    for (const file of cameFrom.keys()) {
        if (file === to) return trail(file, cameFrom);
        for (const next of importsOf(file, documents)) if (!cameFrom.has(next)) cameFrom.set(next, file);
    }
    return undefined;
}

function trail(end: string, cameFrom: ReadonlyMap<string, string | undefined>): readonly string[] {
    const files: string[] = [];
    for (let at: string | undefined = end; at !== undefined; at = cameFrom.get(at)) files.unshift(at);
    return files;
}

function importsOf(file: string, documents: LangiumDocuments): readonly string[] {
    const document = documents.getDocument(URI.parse(file));
    const spec = document?.parseResult.value;
    if (!ast.isSpec(spec)) return [];
    return spec.imports.flatMap((borrowed) => importedUri(borrowed)?.toString() ?? []);
}
