/** Call hierarchy: which runnables are made of which, by `extends`, `over`, `of`, `via`, `start from` and the like. */
import { type AstNode, AstUtils, type CstNode, GrammarUtils, type ReferenceDescription, type Stream } from 'langium';
import { AbstractCallHierarchyProvider, type LangiumServices } from 'langium/lsp';
import type {
    CallHierarchyIncomingCall,
    CallHierarchyItem,
    CallHierarchyOutgoingCall,
    Range,
} from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';
import { SdspecNodeKinds } from '../kinds.ts';

export class SdspecHierarchy extends AbstractCallHierarchyProvider {
    readonly #kinds = new SdspecNodeKinds();
    readonly #services: LangiumServices;

    constructor(services: LangiumServices) {
        super(services);
        this.#services = services;
    }

    protected override getCallHierarchyItems(target: AstNode): CallHierarchyItem[] | undefined {
        const item = ast.isRunnable(target) ? this.#item(target) : undefined;
        return item && [item];
    }

    protected override getIncomingCalls(
        node: AstNode,
        references: Stream<ReferenceDescription>,
    ): CallHierarchyIncomingCall[] {
        const target = AstUtils.getContainerOfType(node, ast.isRunnable);
        const callers = new Map<ast.Runnable, Range[]>();
        for (const { sourceUri, sourcePath, segment } of target ? references : []) {
            const document = this.documents.getDocument(sourceUri);
            const source =
                document && this.#services.workspace.AstNodeLocator.getAstNode(document.parseResult.value, sourcePath);
            const runnable = AstUtils.getContainerOfType(source, ast.isRunnable);
            if (runnable) callers.set(runnable, [...(callers.get(runnable) ?? []), segment.range]);
        }
        return [...callers].flatMap(([runnable, fromRanges]) => {
            const from = this.#item(runnable);
            return from ? [{ from, fromRanges }] : [];
        });
    }

    protected override getOutgoingCalls(node: AstNode): CallHierarchyOutgoingCall[] {
        const runnable = AstUtils.getContainerOfType(node, ast.isRunnable);
        const callees = new Map<ast.Runnable, Range[]>();
        for (const part of runnable ? AstUtils.streamAst(runnable) : []) {
            for (const { reference } of AstUtils.streamReferences(part)) {
                const target = 'ref' in reference ? reference.ref : undefined;
                const place: CstNode | undefined = reference.$refNode;
                if (ast.isRunnable(target) && place) callees.set(target, [...(callees.get(target) ?? []), place.range]);
            }
        }
        return [...callees].flatMap(([target, fromRanges]) => {
            const to = this.#item(target);
            return to ? [{ to, fromRanges }] : [];
        });
    }

    #item(node: ast.Runnable): CallHierarchyItem | undefined {
        const name = GrammarUtils.findNodeForProperty(node.$cstNode, 'name');
        if (!name || !node.$cstNode) return undefined;
        return {
            name: node.name,
            detail: node.$type.toLowerCase(),
            kind: this.#kinds.getSymbolKind(node),
            uri: AstUtils.getDocument(node).uri.toString(),
            // The name, not the whole: what is asked next is asked at the beginning of this range.
            range: name.range,
            selectionRange: name.range,
        };
    }
}
