/** All checks: the fast ones of each subject, and those that ask for files. */
import type { LangiumCoreServices } from 'langium';
import type { Problem } from '../../plan/problem.ts';
import type { FileAccess } from '../files.ts';
import type { Declaration, Spec } from '../generated/ast.ts';
import { register, run } from './check.ts';

const FAST = register([]);

/** What can be said of a file from its text alone. */
export function checkSpec(spec: Spec, _services?: LangiumCoreServices): readonly Problem[] {
    return run(FAST, spec);
}

/** The same for one declaration, without what concerns the whole file. */
export function checkDeclaration(declaration: Declaration): readonly Problem[] {
    return run(FAST, declaration);
}

/** What the files say: that they exist, and that pictures are pictures of a fitting size. */
export function checkFiles(_node: Spec | Declaration, _files: FileAccess): readonly Problem[] {
    return [];
}
