/** Pictures to learn from, each with the captions that it may be shown under. */
import type { AstNode, Reference, URI } from 'langium';
import type { Conditioning, Prompt } from '../../plan/phrases.ts';
import type { LessonPicture, LessonPictures, PicturePlan, PictureSource, SweepPlan } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import { uriOf } from '../linking/paths.ts';
import { CAPTION_FILES, WORD_CAPTIONS } from '../meaning/defaults.ts';
import type { Lowering } from './context.ts';
import { targetClause } from './learn.ts';
import { picturePlan } from './picture/picture.ts';
import { namedPictures } from './sources.ts';
import { sweepPlan } from './sweep.ts';
import { filled } from './words.ts';

type Clause = ast.FromClause | ast.BesideClause;

/** The pictures of a clause, in the order of writing. Problems where captions are missing, or lack the word to learn. */
export function lessonsOf(clause: Clause, learn: ast.Learn, context: Lowering): readonly LessonPictures[] {
    const writtenIn = (within: Lowering) => clause.captions.map((text) => filled(text, within));
    const written = writtenIn(context);
    // Only captions of what is to be learnt name the word.
    const word = ast.isFromClause(clause) && ast.isWordClause(targetClause(learn)) ? `<${learn.name}>` : undefined;
    return clause.pictures.flatMap((named): readonly LessonPictures[] => {
        const { ref: source } = named;
        if (!source) return [];
        if (ast.isImage(source)) {
            const pictures = namedPictures({ picture: named as Reference<ast.Image> }, clause, context).map(
                (picture): LessonPicture => ({
                    picture,
                    captions: written.length > 0 ? written : captionsBeside(picture, { clause, word, source, context }),
                }),
            );
            return pictures.length > 0 ? [{ kind: 'pictures', pictures }] : [];
        }
        const made = madeLessons(source, clause, context);
        if (!made) return [];
        const { plan } = made;
        const captions = made.pictures.map(({ conditioning, within }) =>
            written.length > 0 ? writtenIn(within) : promptsOf(conditioning),
        );
        const lacking = word && captions.flat().find((caption) => !caption.includes(word));
        if (lacking !== undefined) reportWord(`the prompt "${lacking}" of \`${source.name}\``, word!, clause, context);
        return [{ kind: 'made', name: source.name, plan, captions }];
    });
}

interface Asked {
    readonly clause: Clause;
    readonly word: string | undefined;
    readonly source: ast.Image;
    readonly context: Lowering;
}

/** The lines of the text file beside a picture, as other tools write captions; a word has templates without one. */
function captionsBeside(picture: PictureSource, { clause, word, source, context }: Asked): readonly string[] {
    if (picture.kind !== 'file') {
        report(
            'learn/captions',
            `\`${source.name}\` is drawn from another picture and has no text file`,
            clause,
            context,
        );
        return [];
    }
    const found = context.files && captionFile(picture.path, context.home, context.files);
    if (!found) {
        if (word) return WORD_CAPTIONS.map((template) => template.replace('{}', word));
        report('learn/captions', `There is no text file beside "${picture.path}"`, clause, context);
        return [];
    }
    const lacking = word && found.lines.find((line) => !line.includes(word));
    if (lacking !== undefined) reportWord(`"${lacking}" in "${found.name}"`, word!, clause, context);
    if (found.lines.length === 0) report('learn/captions', `"${found.name}" is empty`, clause, context);
    return found.lines;
}

export interface CaptionFile {
    /** Relative to the runnable's folder, as the picture. */
    readonly name: string;
    /** Each line that is not empty is a caption. */
    readonly lines: readonly string[];
}

/** `m1.txt` or `m1.caption` beside `m1.png`. */
function captionFile(path: string, home: URI, files: NonNullable<Lowering['files']>): CaptionFile | undefined {
    for (const extension of CAPTION_FILES) {
        const name = path.replace(/\.[^./]*$/, '') + extension;
        const uri = uriOf(name, home).toString();
        if (files.kindOf(uri) !== 'file') continue;
        const lines = (files.readText(uri) ?? '').split(/\r?\n/).map((line) => line.trim());
        return { name, lines: lines.filter((line) => line !== '') };
    }
    return undefined;
}

function report(code: string, what: string, clause: AstNode, context: Lowering): void {
    const message = `${what}: write captions after the pictures, as in \`from robots "photo of a robot"\`, or one per line in a text file of the picture's name.`;
    context.report(code, 'error', message, clause);
}

function reportWord(what: string, word: string, clause: AstNode, context: Lowering): void {
    const message = `A caption lacks the word that is to be learnt: ${what} has no \`${word}\`. Write \`${word}\` where the pictures' subject is named.`;
    context.report('learn/word', 'error', message, clause);
}

interface MadeLessons {
    readonly plan: PicturePlan | SweepPlan;
    /** In the order in which they are made, with what their captions are filled in with: a cell's own params. */
    readonly pictures: readonly { readonly conditioning: Conditioning; readonly within: Lowering }[];
}

function madeLessons(source: ast.Generate | ast.Sweep, at: AstNode, context: Lowering): MadeLessons | undefined {
    if (ast.isSweep(source)) {
        const within: Lowering[] = [];
        const plan = sweepPlan(source, context, (cell) => within.push(cell));
        return plan && { plan, pictures: plan.cells.flatMap((cell, index) => onePerSeed(cell.plan, within[index]!)) };
    }
    if (!context.making.includes(source)) {
        const plan = picturePlan(source, context);
        return plan && { plan, pictures: onePerSeed(plan, context) };
    }
    const message = `\`${source.name}\` is made with what is to be learnt from it. Learn from other pictures.`;
    context.report('learn/circle', 'error', message, at);
    return undefined;
}

function onePerSeed({ seeds, conditioning }: PicturePlan, within: Lowering) {
    return seeds.map(() => ({ conditioning, within }));
}

/** What a picture was asked to show: its prompt, or each prompt of an ensemble. */
function promptsOf(conditioning: Conditioning): readonly string[] {
    return conditioning.kind === 'prompt'
        ? [wordsOf(conditioning.prompt)]
        : conditioning.members.map(({ prompt }) => wordsOf(prompt));
}

function wordsOf({ phrases }: Prompt): string {
    return phrases.map(({ text }) => text).join(', ');
}
