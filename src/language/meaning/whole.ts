/** Whole nodes: what the parser could read to its end. While the user types, trees have holes that their types deny. */
import { type AstNode, AstUtils } from 'langium';
import { reflection } from '../generated/ast.ts';

/** Of these properties a node of the type has at least one; each of them alone is optional. */
const ONE_OF: Readonly<Record<string, readonly string[]>> = {
    Image: ['source', 'template', 'edges'],
    Lora: ['source', 'template'],
    Embedding: ['source', 'template'],
    ControlNet: ['source', 'template'],
    Upscaler: ['source', 'template'],
    TextLiteral: ['value', 'template'],
    SizeClause: ['value', 'param'],
    GridClause: ['value', 'param'],
    PaperClause: ['value', 'param'],
    Quantity: ['text', 'param'],
    Member: ['text', 'prompt', 'phrases'],
    LayerSet: ['selectors'],
    LayerWeight: ['selectors'],
    Curve: ['keys'],
    NoiseClause: ['kind', 'file'],
    SeedClause: ['items'],
    StartClause: ['pictures'],
    OutpaintClause: ['edges'],
    FromClause: ['pictures'],
    BesideClause: ['pictures'],
    LearnTraceClause: ['pictures'],
    TrainedLayers: ['layers', 'selectors'],
    InfuseClause: ['pictures'],
    PictureExpectation: ['digest', 'picture'],
    NumberList: ['items'],
    SizeAxis: ['values'],
    SamplerAxis: ['values'],
    PromptAxis: ['values'],
    NegativeAxis: ['values'],
    ModelAxis: ['values'],
    StartAxis: ['values'],
    InfuseAxis: ['values', 'sets', 'pictures'],
    ScanAxis: ['selectors'],
    ScaleAxis: ['selectors'],
    ScaleWeightAxis: ['selectors'],
    ParamAxis: ['values', 'texts'],
    Phrase: ['text', 'prompt'],
    PromptChoice: ['source', 'text'],
    MaskClause: ['picture', 'corners'],
    UpscaleClause: ['upscaler', 'via'],
    PlainText: ['value', 'unclosed'],
};

/** And of these one too. */
const AND_ONE_OF: Readonly<Record<string, readonly string[]>> = {
    InfuseAxis: ['picture', 'clause'],
    ScanAxis: ['picture', 'clause'],
    WithoutClause: ['kind', 'clause'],
};

const KNOWN = new WeakMap<AstNode, boolean>();

/** Whether a node and all that it contains have everything that their types promise. */
export function isWhole(node: AstNode): boolean {
    const known = KNOWN.get(node);
    if (known !== undefined) return known;
    const whole = isComplete(node) && AstUtils.streamContents(node).every(isWhole);
    KNOWN.set(node, whole);
    return whole;
}

/** Whether a node itself has what its type promises; what it contains may have holes. */
export function isComplete(node: AstNode): boolean {
    return (
        reflection.isComplete(node) &&
        [ONE_OF, AND_ONE_OF].every((table) => table[node.$type]?.some((property) => isThere(node, property)) ?? true)
    );
}

function isThere(node: AstNode, property: string): boolean {
    const value = (node as unknown as Readonly<Record<string, unknown>>)[property];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
}
