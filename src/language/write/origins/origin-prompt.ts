/** The prompts of a picture of another tool, as its notation means them. */
import type { Tool } from '../../../plan/origin.ts';
import { isTimed, type Phrase } from '../../../plan/phrases.ts';
import { conditioningText, type PromptWords, promptText } from '../prompt-text.ts';
import { wordsOfPrompt } from '../source-names.ts';
import { blendIn, mixtureIn } from './foreign-prompt.ts';
import { baseName, type OriginWriting, PATH_WANTED } from './origin-writing.ts';
import { readPrompt } from './prompt-notation.ts';

/** Tools that read AND and prompt editing as the web UI does. */
const AS_AUTOMATIC1111: ReadonlySet<Tool> = new Set(['sdspec', 'automatic1111']);
/** Longer prompts are read as they are. */
const LONGEST_MIXTURE = 20_000;
const NETWORKS = /<(?:lora|lyco):[^<>]*>/g;

export interface OriginPrompt {
    readonly text: string;
    /** By how much its guidance counts more than the number says; absent where it is one prompt as it is. */
    readonly sum?: number;
}

/** The text of a prompt, plain or mixed. */
export function originPrompt(writing: OriginWriting, text: string, isNegative = false): OriginPrompt {
    return mixtureOf(writing, text, isNegative) ?? { text: wordsIn(writing, text) };
}

function wordsIn(writing: OriginWriting, text: string): string {
    const phrases = phrasesIn(writing, text);
    return promptText({ phrases }, wordsOf(writing, phrases)) || '""';
}

function phrasesIn(writing: OriginWriting, text: string): readonly Phrase[] {
    const { tool, embeddings } = writing.origin;
    const { phrases, notes } = readPrompt(text, tool, embeddings);
    writing.notes.push(...notes);
    return phrases;
}

/** How these phrases are written: learned words by the names of their declarations. */
function wordsOf(writing: OriginWriting, phrases: readonly Phrase[]): PromptWords {
    const words = phrases.map((phrase) => phrase.text).join(' ');
    const named = (writing.origin.embeddings ?? []).filter((name) => words.includes(`<${name}>`));
    const learned = named.map((token) => ({
        token,
        file: { path: `./embeddings/${baseName(token)}.safetensors` },
    }));
    return wordsOfPrompt(writing.known, learned, PATH_WANTED);
}

/** An ensemble for several prompts at once, phrases with windows for several in turn; undefined for a plain prompt. A negative prompt is one. */
function mixtureOf(writing: OriginWriting, text: string, isNegative: boolean): OriginPrompt | undefined {
    const { tool, steps } = writing.origin;
    if (text.length > LONGEST_MIXTURE) return undefined;
    const before = writing.notes.length;
    const phrases = (words: string) => phrasesIn(writing, words);
    const mixture =
        tool === 'invokeai'
            ? blendIn(text, phrases)
            : AS_AUTOMATIC1111.has(tool)
              ? mixtureIn(text.replace(NETWORKS, ''), steps, phrases)
              : undefined;
    const [only, ...others] = mixture?.members ?? [];
    const isPlainPrompt = only && others.length === 0 && !isTimed({ phrases: only.phrases });
    if (!mixture || !only || isPlainPrompt || (isNegative && others.length > 0)) {
        writing.notes.splice(before);
        return undefined;
    }
    const { sum } = mixture;
    const members = mixture.members.map((one) => ({ prompt: { phrases: one.phrases }, weight: one.weight }));
    const words = wordsOf(
        writing,
        mixture.members.flatMap((one) => one.phrases),
    );
    if (others.length === 0) return { text: promptText({ phrases: only.phrases }, words) || '""', sum };
    return { text: conditioningText(writing.known, { kind: 'ensemble', over: mixture.over, members }, words), sum };
}
