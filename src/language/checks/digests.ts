/** Digests of files: what is pinned is what is on the disk. Reads whole files, so it is asked for, never run by itself. */

import { type AstNode, AstUtils } from 'langium';
import { isBuiltin } from '../../plan/companions.ts';
import type { Problem } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { isGlob, specFolderOf, uriOf } from '../linking/paths.ts';
import { modelKind } from '../meaning/models.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { writtenDigest } from '../meaning/values.ts';
import { collector, replace } from '../place.ts';

/** The sha256 of a file as 64 hex digits; undefined for what can't be read. */
export type Hash = (uri: string) => Promise<string | undefined>;

/** A node that names one file, and where. */
interface NamedFile {
    readonly node: AstNode;
    readonly uri: string;
    readonly digest: string | undefined;
}

export async function checkDigests(root: AstNode, sha256: Hash): Promise<readonly Problem[]> {
    const problems: Problem[] = [];
    const report = collector(problems);
    for (const { node, uri, digest } of namedFiles(root)) {
        if (!digest) continue;
        const found = await sha256(uri);
        if (found === undefined || found === writtenDigest(digest).hex) continue;
        const message = `The file is another one than was pinned: its sha256 begins with ${found.slice(0, 12)}.`;
        const fix = replace('Pin the file that is there', node, `sha256:${found}`, { property: 'digest' });
        report('digest/mismatch', 'error', message, node, { property: 'digest', fix });
    }
    return problems;
}

/** Single files only: folders, sets and models of the hub have no sha256 of their own. */
function namedFiles(root: AstNode): readonly NamedFile[] {
    return AstUtils.streamAst(root)
        .toArray()
        .flatMap((node): readonly NamedFile[] => {
            const file = fileOf(node);
            if (!file?.path || isGlob(file.path) || isBuiltin(file.path)) return [];
            const uri = uriOf(file.path, specFolderOf(node)).toString();
            return [{ node, uri, digest: file.digest }];
        });
}

function fileOf(node: AstNode): { readonly path: string | undefined; readonly digest: string | undefined } | undefined {
    if (ast.isModel(node))
        return modelKind(node.source ?? '') === 'file' ? { path: node.source, digest: node.digest } : undefined;
    if (
        ast.isLora(node) ||
        ast.isEmbedding(node) ||
        ast.isControlNet(node) ||
        ast.isUpscaler(node) ||
        ast.isImage(node)
    ) {
        return { path: writtenPath(node), digest: node.digest };
    }
    return ast.isNoiseClause(node) ? { path: node.file, digest: node.digest } : undefined;
}
