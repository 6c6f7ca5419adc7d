/** Checks: what a check looks like, and how all of them are run over a piece of the syntax tree. */
import { type AstNode, AstUtils } from 'langium';
import type { Problem } from '../../plan/problem.ts';
import type { SdspecAstType } from '../generated/ast.ts';
import { isComplete, isWhole } from '../meaning/whole.ts';
import { collector, type Report } from '../place.ts';

/** Checks by the type of the node that they look at. */
export type Checks = {
    readonly [Type in keyof SdspecAstType]?: (node: SdspecAstType[Type], report: Report) => void;
};

type AnyCheck = (node: AstNode, report: Report) => void;

type ChecksByType = ReadonlyMap<string, readonly AnyCheck[]>;

/** Looks up all checks of a node's type, from all subjects. */
export function register(subjects: readonly Checks[]): ChecksByType {
    const byType = new Map<string, AnyCheck[]>();
    for (const subject of subjects) {
        for (const [type, check] of Object.entries(subject)) {
            byType.set(type, [...(byType.get(type) ?? []), check as AnyCheck]);
        }
    }
    return byType;
}

/** Blocks are checked although a clause in them is not whole yet; their checks look at whole clauses only. */
const NAMED: ReadonlySet<string> = new Set(['Generate', 'Sweep', 'Mosaic', 'Print', 'Learn', 'NamedSettings', 'Case']);
const BLOCKS: ReadonlySet<string> = new Set([...NAMED, 'Spec', 'UnknownDeclaration']);

/** What the checks say of a node and all that it contains. */
export function runChecks(checks: ChecksByType, root: AstNode): readonly Problem[] {
    const problems: Problem[] = [];
    const report = collector(problems);
    const nodes = AstUtils.streamAst(root).iterator();
    for (let next = nodes.next(); !next.done; next = nodes.next()) {
        const node = next.value;
        // Sentences name the block that a clause is in.
        if (NAMED.has(node.$type) && !('name' in node && node.name)) nodes.prune();
        checkNode(checks, node, report);
    }
    return problems;
}

/** What the checks say of a node itself. */
export function checkNode(checks: ChecksByType, node: AstNode, report: Report): void {
    if (!(BLOCKS.has(node.$type) ? isComplete(node) : isWhole(node))) return;
    for (const check of checks.get(node.$type) ?? []) check(node, report);
}
