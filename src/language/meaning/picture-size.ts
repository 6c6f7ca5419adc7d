/** The pixels of a picture that a spec names or makes, as far as they are known before it is made. */

import type { Size } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { isGlob, specFolderOf, uriOf } from '../linking/paths.ts';
import { NO_CHANGES } from '../lower/changes.ts';
import { effective, settingOf } from './inherit.ts';
import { writtenPath } from './param-values.ts';
import { numberOfQuantity } from './quantities.ts';
import { sizeInForce } from './size.ts';

/** The picture that a print enlarges; undefined for other runnables. */
export function sizeOfSubject(runnable: ast.Runnable, files: FileAccess): Size | undefined {
    const of = ast.isPrint(runnable) ? runnable.settings.find(ast.isOfClause) : undefined;
    const subject = of?.inside ? undefined : of?.picture?.ref;
    return subject && sizeOfSource(subject, files);
}

/** Undefined where the file is not there, or names several. */
export function sizeOfSource(source: ast.PictureSource, files: FileAccess): Size | undefined {
    if (ast.isGenerate(source)) return sizeOfGenerate(source, files);
    const path = writtenPath(source);
    if (!path || isGlob(path)) return undefined;
    return files.pictureSize(uriOf(path, specFolderOf(source)).toString());
}

function sizeOfGenerate(generate: ast.Generate, files: FileAccess): Size | undefined {
    const settings = effective(generate);
    const mask = settingOf(settings, ast.isMaskClause);
    if (mask && (mask.only || mask.corners.length > 0)) {
        // What is painted into a frame is put back into the picture that the frame is part of.
        const start = settingOf(settings, ast.isStartClause)?.pictures[0]?.picture?.ref;
        return start && sizeOfSource(start, files);
    }
    const { width, height } = sizeInForce(settings, { changes: NO_CHANGES, files });
    let [right, down] = [0, 0];
    for (const { side, by } of settingOf(settings, ast.isOutpaintClause)?.edges ?? []) {
        const pixels = by ? numberOfQuantity(by) : 0;
        if (side === 'left' || side === 'right') right += pixels;
        else down += pixels;
    }
    return { width: width + right, height: height + down };
}
