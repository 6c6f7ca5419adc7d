/** Names of what a plan is made of, each declared where it is not yet: models, files, pictures, what is learnt. */
import { canonicalJson } from '../../plan/digest.ts';
import {
    type FileRef,
    isLearnResult,
    type LearnResult,
    type ModelRef,
    type PicturePlan,
    type PictureSource,
} from '../../plan/plan.ts';
import type { MadeSource } from '../../plan/sources.ts';
import { choicesText } from './clause-text.ts';
import type { Ingredients } from './ingredients.ts';
import { learnText } from './learn-text.ts';
import { generateText } from './picture-text.ts';
import type { PromptWords } from './prompt-text.ts';
import { fileText, inQuotes, quote } from './value-text.ts';

export function nameOfModel(known: Ingredients, model: ModelRef): string {
    switch (model.kind) {
        case 'builtin':
            return known.name('model', model.name, quote(`builtin:${model.name}`));
        case 'file':
            return known.name('model', stem(model.path), fileText(model) + choicesText(model));
        case 'hub': {
            const text = `${quote(`hf:${model.repository}`)} revision ${quote(model.revision)}${choicesText(model)}`;
            return known.name('model', stem(model.repository), text);
        }
    }
}

export function nameOfPicture(known: Ingredients, picture: PictureSource): string {
    switch (picture.kind) {
        case 'file':
            return known.name('image', stem(picture.path), fileText(picture));
        case 'edges': {
            const of = nameOfPicture(known, picture.of);
            return known.name(
                'image',
                `${of.replace(/ .*/, '')}_edges`,
                `edges of ${of} low ${picture.low} high ${picture.high}`,
            );
        }
        case 'inside':
            return nameOfPicture(known, picture.of);
        case 'made':
            return madeName(known, picture);
    }
}

/** The generate of a made picture; `each` where it has a picture for every seed of the one that uses it. */
function madeName(known: Ingredients, { name, plan, each }: MadeSource): string {
    const own = known.picture(name, canonicalJson({ name, plan }), (unused) => generateText(unused, plan, known));
    return each && plan.seeds.length > 1 ? `${own} each` : own;
}

/** The name of a file, or of what is learnt in place of one; it is called as its file is, or as is wanted. */
export function nameOfFile(
    known: Ingredients,
    kind: 'lora' | 'controlnet' | 'embedding',
    file: FileRef | LearnResult,
    { wanted, comment }: { readonly wanted?: string; readonly comment?: string } = {},
): string {
    if (isLearnResult(file)) return learnName(known, file);
    return known.name(kind, wanted ?? stem(file.path), fileText(file), comment);
}

/** The `learn` of a result, declared above what uses it. */
function learnName(known: Ingredients, result: LearnResult): string {
    return known.picture(result.name, canonicalJson(result), (name) => learnText(name, result.plan, known));
}

/** Words with learned tokens among them: `<name>` is one where it is declared, and stands for itself elsewhere. */
export function wordsOfPrompt(known: Ingredients, embeddings: PicturePlan['embeddings'], comment = ''): PromptWords {
    const names = embeddings.map(
        ({ token, file }) => [token, nameOfFile(known, 'embedding', file, { wanted: token, comment })] as const,
    );
    return (text) =>
        names.reduce(
            (quoted, [token, name]) => quoted.replaceAll(`\\<${inQuotes(token)}>`, () => `<${name}>`),
            quote(text),
        );
}

/** The last part of a path, or of what stands for one, without what it ends in. */
function stem(path: string): string {
    return path.replace(/^.*[/:]/, '').replace(/\.[^.]*$/, '');
}
