/** The slice: the declaration around the cursor, which alone is lexed and parsed for a completion. */
import type { LangiumDocument } from 'langium';
import { isUnknownDeclaration, type Spec } from '../../generated/ast.ts';

export interface Slice {
    readonly start: number;
    readonly end: number;
}

/**
 * The declaration (or import) that an offset is in, or that ends last before it, up to the next one. A declaration
 * parses alone as it does in its file, so a completion costs the same in long files as in short ones.
 */
export function sliceAt(document: LangiumDocument, offset: number): Slice {
    const { imports, declarations } = document.parseResult.value as Spec;
    // Where a block is broken, the parser takes the rest of it for unknown declarations.
    const known = (declarations ?? []).filter((one) => !isUnknownDeclaration(one));
    const parts = [...(imports ?? []), ...known].flatMap(({ $cstNode }) => $cstNode ?? []);
    const next = parts.findIndex((cst) => cst.offset >= offset);
    const end = next < 0 ? document.textDocument.getText().length : parts[next]!.offset;
    const start = (next < 0 ? parts.at(-1) : parts[next - 1])?.offset ?? 0;
    return { start, end };
}
