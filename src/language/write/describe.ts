/** A spec for readers: its text in coloured pieces, and what its comments say. */
import { CstUtils, type DocumentationProvider, type LeafCstNode } from 'langium';
import { listRunnables, type RunnableInfo, type SpecDocument } from '../index.ts';

export type Colour = 'plain' | 'keyword' | 'name' | 'string' | 'number' | 'comment' | 'doc';

export interface ColouredText {
    readonly text: string;
    readonly colour: Colour;
}

export interface SpecDescription {
    /** The comment at the top of the file, without its signs. */
    readonly introduction: string;
    /** What can be run, with the text of its doc comment. */
    readonly runnables: readonly (Pick<RunnableInfo, 'name' | 'kind'> & { readonly doc?: string })[];
    /** The whole text, piece by piece. */
    readonly text: readonly ColouredText[];
}

/** Describes a document that was parsed. */
export function describeSpec(document: SpecDocument, documentation: DocumentationProvider): SpecDescription {
    const runnables = listRunnables(document).map(({ name, kind, node }) => {
        const doc = documentation.getDocumentation(node);
        return { name, kind, ...(doc ? { doc } : {}) };
    });
    const text = coloured(document);
    return { introduction: introductionOf(text), runnables, text };
}

function coloured({ parseResult, textDocument }: SpecDocument): readonly ColouredText[] {
    const whole = textDocument.getText();
    const root = parseResult.value.$cstNode;
    const pieces: ColouredText[] = [];
    let at = 0;
    const upTo = (offset: number) => {
        if (offset > at) pieces.push({ text: whole.slice(at, offset), colour: 'plain' });
    };
    for (const leaf of root ? CstUtils.flattenCst(root) : []) {
        if (leaf.offset < at) continue;
        upTo(leaf.offset);
        pieces.push({ text: leaf.text, colour: colourOf(leaf) });
        at = leaf.end;
    }
    upTo(whole.length);
    return pieces;
}

function colourOf({ text, tokenType }: LeafCstNode): Colour {
    if (text.startsWith('/**')) return 'doc';
    if (/^\/[/*]/.test(text)) return 'comment';
    if (/^["'`]/.test(text)) return 'string';
    if (/^[-+.]?\d/.test(text)) return 'number';
    // A keyword's token has its own text as name; names of things have one of theirs.
    if (/^[a-z]/i.test(text)) return tokenType.name === text ? 'keyword' : 'name';
    return 'plain';
}

/** Comments before anything else, up to the first empty line. */
function introductionOf(text: readonly ColouredText[]): string {
    const lines: string[] = [];
    for (const { text: piece, colour } of text) {
        if (colour === 'comment') lines.push(piece.replace(/^\/\/+ ?|^\/\*+|\*\/$/g, '').trim());
        else if (piece.trim() !== '' || (lines.length > 0 && /\n\s*\n/.test(piece))) break;
    }
    return lines.join('\n');
}
