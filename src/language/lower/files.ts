/** Files that a spec names, as a plan names them. */

import type { AstNode } from 'langium';
import { isBuiltin } from '../../plan/companions.ts';
import type { FileRef, ModelRef } from '../../plan/plan.ts';
import type * as ast from '../generated/ast.ts';
import { relativePath, specFolderOf } from '../linking/paths.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { modelRef } from '../meaning/models.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { writtenDigest } from '../meaning/values.ts';
import { type Lowering, valuesIn } from './context.ts';

/** A declaration of a file: `lora ink = "./weights/ink.safetensors" sha256:…`. */
export interface FileDeclaration extends AstNode {
    readonly source?: string | undefined;
    readonly template?: ast.TemplateText | undefined;
    readonly digest?: string | undefined;
}

/** `path` is that of the declaration unless given. */
export function fileRef(
    declaration: FileDeclaration,
    context: Lowering,
    path = writtenPath(declaration, valuesIn(context)) ?? '',
): FileRef {
    // What comes with sdspec is the same everywhere, and so is its name.
    if (isBuiltin(path)) return { path };
    return { path: pathFrom(declaration, path, context), ...pinned(declaration.digest) };
}

/** A path as written, relative to the file that it is written in: relative to the runnable's folder now. */
export function pathFrom(node: AstNode, path: string, context: Lowering): string {
    return relativePath(path, specFolderOf(node), context.home);
}

export function pinned(digest: string | undefined): { readonly sha256?: string } {
    return digest ? { sha256: writtenDigest(digest).hex } : {};
}

export function modelOf(clause: ast.UseClause | undefined, context: Lowering): ModelRef {
    const model = context.changes.model ?? clause?.model.ref;
    if (!model) return DEFAULTS.model;
    const ref = modelRef(model);
    if (ref.kind === 'builtin') return ref;
    const vae = ref.vae && { vae: { ...ref.vae, path: pathFrom(model, ref.vae.path, context) } };
    return ref.kind === 'file' ? { ...ref, path: pathFrom(model, ref.path, context), ...vae } : { ...ref, ...vae };
}
