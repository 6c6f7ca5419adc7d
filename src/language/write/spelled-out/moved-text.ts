/** Source text as it is written, with other names and paths: those of the spec that it is moved to. */
import { type AstNode, AstUtils, GrammarUtils } from 'langium';
import * as ast from '../../generated/ast.ts';
import { sourceWords } from '../../grammar/text.ts';
import { relativePath, specFolderOf } from '../../linking/paths.ts';
import type { ParamValue } from '../../lower/changes.ts';
import type { Lowering } from '../../lower/context.ts';
import { quote } from '../value-text.ts';

/** Hex sha256 of a file by its path relative to the spec; undefined for what is no file. */
export type DigestOfFile = (path: string) => string | undefined;

/** The spec that is written. */
export interface SpelledSpec {
    readonly names: ReadonlyMap<AstNode, string>;
    readonly context: Lowering;
    readonly digestOf: DigestOfFile;
    /** What the model is called that is used where none is named. */
    readonly defaultModel: string;
    /** Whether samplers are what the runnable varies. */
    readonly isSwept: boolean;
}

interface Edit {
    readonly from: number;
    readonly to: number;
    readonly text: string;
}

/** Properties that are paths, by the type of their node. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
    Model: ['source', 'vae'],
    Lora: ['source'],
    Embedding: ['source'],
    ControlNet: ['source'],
    Upscaler: ['source'],
    Image: ['source'],
    NoiseClause: ['file'],
    PaperClause: ['profile'],
};

function isNetwork(node: AstNode): node is ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler {
    return ast.isLora(node) || ast.isEmbedding(node) || ast.isControlNet(node) || ast.isUpscaler(node);
}

/** The source of a node with every name as it is called here, and every path relative to here. */
export function movedText(node: AstNode, writer: SpelledSpec, name?: string): string {
    const cst = node.$cstNode;
    if (!cst) return '';
    const edits: Edit[] = [];
    const replace = (part: { readonly offset: number; readonly end: number } | undefined, text: string) => {
        if (part) edits.push({ from: part.offset - cst.offset, to: part.end - cst.offset, text });
    };
    if (name !== undefined) replace(GrammarUtils.findNodeForProperty(cst, 'name'), name);
    for (const one of AstUtils.streamAst(node)) {
        for (const { reference } of AstUtils.streamReferences(one)) {
            const target = 'ref' in reference ? reference.ref : undefined;
            const called = target && writer.names.get(target);
            if (called !== undefined && called !== reference.$refText) replace(reference.$refNode, called);
        }
        // What a run gives wins over what is set where something is used.
        const given = ast.isParamBinding(one) && one.param.ref && writer.context.params.get(one.param.ref);
        if (given !== undefined && given !== false && ast.isParamBinding(one) && one.param.ref)
            replace(one.value.$cstNode, paramText(one.param.ref, given));
        const template = ast.isImage(one) || isNetwork(one) ? one.template : undefined;
        const written = template && sourceWords(template);
        const filled = written && relativePath(written, specFolderOf(one), writer.context.home);
        if (filled !== written) replace(template?.$cstNode, `"${/^\.{0,2}\//.test(filled!) ? filled : `./${filled}`}"`);
        for (const property of PATHS[one.$type] ?? []) {
            const path = (one as unknown as Readonly<Record<string, unknown>>)[property];
            if (typeof path !== 'string' || /^[a-z]+:/i.test(path)) continue;
            const moved = relativePath(path, specFolderOf(one), writer.context.home);
            const part = GrammarUtils.findNodeForProperty(one.$cstNode, property);
            if (moved !== path) replace(part, quote(/^\.{0,2}\//.test(moved) ? moved : `./${moved}`));
        }
    }
    return [...edits]
        .sort((a, b) => b.from - a.from)
        .reduce((text, { from, to, text: other }) => text.slice(0, from) + other + text.slice(to), cst.text);
}

const MEASURE = /^\d+(\.\d+)?(x\d+(\.\d+)?(cm|mm|in)?|px|cm|mm|in|%)$|^\d+dpi$/;

/** Sizes, lengths, percentages and densities without quotes, learned words as they were written. */
export function paramText({ value: declared }: ast.Param, value: ParamValue): string {
    if (typeof value === 'number' || MEASURE.test(value)) return String(value);
    const isTemplate = ast.isTextLiteral(declared) && declared.template !== undefined;
    return isTemplate ? quote(value).replace(/\\<(?=[A-Za-z_][\w-]*>)/g, '<') : quote(value);
}
