/** How two pictures differ in what their files say of their making: setting by setting, in the language's words. */
import { type AstNode, AstUtils, CstUtils } from 'langium';
import type { Origin } from '../../plan/origin.ts';
import * as ast from '../generated/ast.ts';
import type { Language } from '../index.ts';
import { originText } from './origins/origin-text.ts';

/** A setting that differs; absent on the side that does not have it. */
export interface SettingDifference {
    /** The first word of its clause; `note` for what the language can't say. */
    readonly setting: string;
    readonly a?: string;
    readonly b?: string;
}

/** The settings that differ, in the order of the first picture's spec. What an ingredient is called does not count. */
export async function explainDifference(
    language: Language,
    a: Origin,
    b: Origin,
): Promise<readonly SettingDifference[]> {
    const [one, other] = [await settingsIn(language, a), await settingsIn(language, b)];
    return [...new Set([...one.keys(), ...other.keys()])]
        .filter((key) => one.get(key) !== other.get(key))
        .map((key) => {
            const [inA, inB] = [one.get(key), other.get(key)];
            const setting = key.replace(/ \d+$/, '');
            return { setting, ...(inA === undefined ? {} : { a: inA }), ...(inB === undefined ? {} : { b: inB }) };
        });
}

/** The text of each setting; of several of one kind the second is `infuse 2`, and so on. */
async function settingsIn(language: Language, origin: Origin): Promise<ReadonlyMap<string, string>> {
    const text = originText('picture.png', origin);
    const { parseResult } = await language.parseText(text);
    const settings = new Map<string, string>();
    const add = (word: string, value: string) => {
        let key = word;
        for (let k = 2; settings.has(key); k++) key = `${word} ${k}`;
        settings.set(key, value);
    };
    const generate = parseResult.value.declarations.filter(ast.isGenerate).at(-1);
    for (const setting of generate?.settings ?? []) {
        const [word = '', ...rest] = wordsOf(setting);
        add(word, sentence(rest));
    }
    for (const [line] of text.matchAll(/^ *\/\/ .*$/gm)) {
        if (!line.startsWith('// From picture.png')) add('note', line.trim().slice(3));
    }
    return settings;
}

/** The words of a setting, with the contents of ingredients in the place of their names. */
function wordsOf(setting: AstNode): readonly string[] {
    if (!setting.$cstNode) return [];
    const targets = new Map(
        AstUtils.streamAst(setting)
            .flatMap(AstUtils.streamReferences)
            .map(
                ({ reference }) =>
                    [reference.$refNode?.offset ?? -1, 'ref' in reference ? reference.ref : undefined] as const,
            )
            .toArray(),
    );
    return CstUtils.flattenCst(setting.$cstNode)
        .filter(({ hidden }) => !hidden)
        .map(({ offset, text }) => contentOf(targets.get(offset)) ?? text)
        .toArray();
}

/** What an ingredient is, without its name: `"builtin:sketch"`; of what has a block, its contents in the same way. */
function contentOf(target: AstNode | undefined): string | undefined {
    if (!target?.$cstNode) return undefined;
    if (ast.isGenerate(target) || ast.isEnsemble(target) || ast.isWeightSet(target))
        return sentence(wordsOf(target).slice(2));
    const words = wordsOf(target);
    return words.includes('=') ? sentence(words.slice(words.indexOf('=') + 1)) : undefined;
}

function sentence(words: readonly string[]): string {
    return words.join(' ').replaceAll(' ,', ',');
}
