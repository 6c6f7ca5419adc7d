import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { isGlob, specFolderOf, uriOf } from '../linking/paths.ts';
import { NO_CHANGES } from '../lower/changes.ts';
import { newBudget } from '../lower/context.ts';
import { clauseOf, clausesOf, learnPlan, learnSize, targetClause } from '../lower/learn.ts';
import { factsOf, modelRef, usedModelOf } from '../meaning/models.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { neededBy } from '../meaning/uses.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';

/** Fewer pictures than this rarely show what they share. */
const FEW = 3;

export function checkLearnFiles(learn: ast.Learn, files: FileAccess, report: Report): void {
    reportPictures(learn, files, report);
    reportLessons(learn, files, report);
    const model = usedModelOf(learn);
    const facts = factsOf(model, files);
    if (facts && facts.unet.inputs !== facts.unet.outputs) {
        const message = `This model has ${facts.unet.inputs} input channels, as inpainting models have: learn with the plain model of its family.`;
        report('learn/model', 'error', message, clauseOf(learn, ast.isUseClause) ?? learn);
    }
    const word = targetClause(learn);
    if (!ast.isWordClause(word) || !word.like || !model || !files.countTokens) return;
    const folder = specFolderOf(model === 'default' ? learn : model).toString();
    const tokens = files.countTokens(modelRef(model), folder, word.like);
    if (!tokens || tokens.count === 1) return;
    const message = `"${word.like}" is ${tokens.count} tokens of the text encoder, and the word begins as one: write a common word of its kind, such as "animal" or "toy".`;
    report('learn/like', 'error', message, word, { property: 'like' });
}

function reportPictures(learn: ast.Learn, files: FileAccess, report: Report): void {
    const clauses = clausesOf(learn, ast.isFromClause);
    const from = clauses.at(-1);
    if (!from) return;
    const images = clauses.flatMap(({ pictures }) => pictures.map(({ ref }) => ref));
    // How many pictures a generate or a sweep makes is its own matter.
    if (!images.every((image) => ast.isImage(image) && !image.edges)) return;
    const uris = images.filter(ast.isImage).flatMap((image) => urisOf(image, files));
    if (uris.length > 0 && uris.length < FEW) {
        const message = `${uris.length === 1 ? 'One picture is' : 'Two pictures are'} little to learn from: 5 to 10 that differ in all but their subject work well.`;
        report('learn/few', 'warning', message, from, { property: 'pictures' });
    }
    const { width, height } = learnSize(learn, { files });
    const small = uris.filter((uri) => {
        const size = files.pictureSize(uri);
        return size && (size.width < width || size.height < height);
    });
    if (small.length === 0) return;
    const [is, takes] = small.length === 1 ? ['is', 'take a larger picture'] : ['are', 'take larger pictures'];
    const message = `${named(small)} ${is} smaller than ${width}x${height} and would be enlarged: ${takes}, or write a smaller \`size\`.`;
    report('learn/small', 'warning', message, from, { property: 'pictures' });
}

/** Files by name; beyond three by their number. */
function named(uris: readonly string[]): string {
    const names = uris.slice(0, 3).map((uri) => `"${uri.split('/').at(-1)}"`);
    if (uris.length > names.length) return `${names.join(', ')} and ${uris.length - names.length} more pictures`;
    return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join();
}

/** What only a plan can say: captions in text files and prompts, and pictures that are made with what they teach. */
function reportLessons(learn: ast.Learn, files: FileAccess, report: Report): void {
    if (!neededBy(learn).every(isWhole)) return;
    const home = specFolderOf(learn);
    learnPlan(learn, { home, report, params: new Map(), files, changes: NO_CHANGES, making: [], budget: newBudget() });
}

function urisOf(image: ast.Image, files: FileAccess): readonly string[] {
    const folder = specFolderOf(image);
    const path = writtenPath(image) ?? '';
    const names = isGlob(path) ? (files.glob(folder.toString(), path) ?? []) : [path];
    return names.map((name) => uriOf(name, folder).toString());
}
