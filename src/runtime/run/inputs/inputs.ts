/** Inputs: every file that a plan reads, the pins that they must keep, and pictures that are made first. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { isBuiltin } from '../../../plan/companions.ts';
import { modelsOf, ownFilesOf, plansOf, subjectsOf, withAllMade } from '../../../plan/parts.ts';
import type { FileRef, PictureSource } from '../../../plan/plan.ts';
import { assertNever } from '../../../plan/problem.ts';
import type { Work } from '../../../plan/run.ts';
import { filesOf, uniqueFiles } from '../../../plan/sources.ts';
import { RunError } from '../../run-error.ts';
import type { RecordedFile } from '../record.ts';
import { digestOfPath, type FileDigests } from './file-digests.ts';
import { companionPath } from './shipped.ts';

/** Checks every file that the work reads and returns the digests of all but the models, sorted by path. */
export async function checkInputs(work: Work, base: string, digests: FileDigests): Promise<readonly RecordedFile[]> {
    const works = withAllMade(work);
    const models = works.flatMap(modelsOf).flatMap((model) => (model.kind === 'file' ? [model] : []));
    await verifyFiles(uniqueFiles(models), base, digests);
    const files = uniqueFiles([
        ...works.flatMap(plansOf).flatMap(filesOf),
        ...works.flatMap(subjectsOf).flatMap(fileIn),
        ...works.flatMap(ownFilesOf),
    ]);
    await verifyFiles(files, base, digests);
    const found: RecordedFile[] = [];
    for (const path of [...new Set(files.map((file) => file.path))].sort()) {
        found.push({ path, sha256: await digestOfPath(digests, pathOf(base, path)) });
    }
    return found;
}

/** The file at the root of a picture source, where there is one. */
function fileIn(source: PictureSource): readonly FileRef[] {
    switch (source.kind) {
        case 'file':
            return [source];
        case 'edges':
        case 'inside':
            return fileIn(source.of);
        case 'made':
            return [];
        default:
            return assertNever(source);
    }
}

/** An absolute path of a file that a plan names; `builtin:` ones come with sdspec. */
export function pathOf(base: string, path: string): string {
    if (isBuiltin(path)) return companionPath(path);
    return isAbsolute(path) ? path : resolve(base, path);
}

/** Refuses files that are not there and files whose digest is not the pinned one. */
async function verifyFiles(files: readonly FileRef[], base: string, digests: FileDigests): Promise<void> {
    for (const { path, sha256 } of files) {
        const place = pathOf(base, path);
        if (!existsSync(place)) {
            throw new RunError(
                'input/unreadable',
                `There is no file ${path} in ${base}. Correct its path in the spec.`,
            );
        }
        if (sha256 === undefined) continue;
        const found = await digestOfPath(digests, place);
        if (found === sha256.toLowerCase()) continue;
        const message = `${path} is not the file that the spec pins: its digest is sha256:${found}, not sha256:${sha256}. Restore the file, or write the new digest.`;
        throw new RunError('input/digest', message);
    }
}
