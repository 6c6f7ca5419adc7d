/** Plans for hovers and hints: what a runnable would do, made once per state of the workspace. */
import { type AstNode, AstUtils, type LangiumSharedCoreServices, WorkspaceCache } from 'langium';
import type { PicturePlan } from '../../../plan/plan.ts';
import type { Work } from '../../../plan/run.ts';
import type * as ast from '../../generated/ast.ts';
import type { FileAccess } from '../../host/files.ts';
import { specFolderOf } from '../../linking/paths.ts';
import { NO_CHANGES } from '../../lower/changes.ts';
import { type Lowering, newBudget } from '../../lower/context.ts';
import { workOf } from '../../lower/work.ts';
import { neededBy } from '../../meaning/uses.ts';
import { isWhole } from '../../meaning/whole.ts';

/** A sweep of more pictures than this is counted, but not planned, for a hint. */
export const MAX_PLANNED_CELLS = 400;

/** Whether a declaration is written to its end and all its names lead somewhere. */
function isResolved(declaration: ast.Declaration): boolean {
    if (!isWhole(declaration)) return false;
    return AstUtils.streamAst(declaration).every((node) =>
        AstUtils.streamReferences(node).every(({ reference }) => reference.error === undefined),
    );
}

export class Plans {
    readonly #works: WorkspaceCache<ast.Runnable, Work | undefined>;
    readonly #files: FileAccess;

    constructor(shared: LangiumSharedCoreServices, files: FileAccess) {
        this.#works = new WorkspaceCache(shared);
        this.#files = files;
    }

    /** The work of a runnable, as far as its text allows; problems are reported elsewhere. */
    workOf(runnable: ast.Runnable): Work | undefined {
        return this.#works.get(runnable, () => {
            if (!neededBy(runnable).every(isResolved)) return undefined;
            return workOf(runnable, this.contextOf(runnable));
        });
    }

    pictureOf(generate: ast.Generate): PicturePlan | undefined {
        const work = this.workOf(generate);
        return work?.kind === 'picture' ? work : undefined;
    }

    contextOf(node: AstNode): Lowering {
        return {
            home: specFolderOf(node),
            report: () => {},
            params: new Map(),
            files: this.#files,
            changes: NO_CHANGES,
            making: [],
            budget: newBudget(),
        };
    }
}
