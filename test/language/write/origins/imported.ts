/** Texts of other tools' pictures, and the specs that are made of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Language, lowerRun, problemsOf } from '../../../../src/language/index.ts';
import { originText } from '../../../../src/language/write/origins/origin-text.ts';
import type { PicturePlan } from '../../../../src/plan/plan.ts';
import { originFrom } from '../../../../src/runtime/pictures/metadata/read.ts';

const language = new Language();
export type Texts = Readonly<Record<string, string>>;

interface Imported {
    readonly text: string;
    readonly plan: PicturePlan;
    /** The comments below the clauses. */
    readonly notes: readonly string[];
}

/** The spec of a picture with these texts; it has no mistake. */
export async function imported(texts: Texts): Promise<Imported> {
    const origin = originFrom(texts);
    if (!origin) throw new Error('The texts say nothing.');
    const text = originText('house.png', origin);
    const document = await language.parseText(text);
    expect(
        problemsOf(document).filter(({ severity }) => severity === 'error'),
        text,
    ).toEqual([]);
    const { value } = lowerRun(document, 'house');
    const notes = [...text.matchAll(/^ {4}\/\/ (.*)$/gm)].map(([, note]) => note!);
    return { text, plan: value!.work as PicturePlan, notes };
}

/** A text as it was found in the wild. */
export const stored = (name: string): Texts =>
    JSON.parse(readFileSync(join(import.meta.dirname, 'texts', `${name}.json`), 'utf8')) as Texts;
export const words = (prompt: PicturePlan['negative']) => prompt.phrases.map(({ text }) => text).join(', ');
export const promptOf = ({ conditioning }: PicturePlan) =>
    conditioning.kind === 'prompt' ? words(conditioning.prompt) : '';
