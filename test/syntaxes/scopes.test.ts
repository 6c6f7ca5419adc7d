/** Syntax colours: every token of the sample files has the scopes that the snapshots beside them say. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import { SdspecGrammar } from '../../src/language/generated/grammar.ts';
import { keywordsOf } from '../../src/language/grammar/tokens.ts';

const GRAMMAR = new URL('../../syntaxes/sdspec.tmLanguage.json', import.meta.url);
const CASES = new URL('./cases/', import.meta.url);

const wasm = readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
const registry = new textmate.Registry({
    onigLib: Promise.resolve({
        createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
        createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(GRAMMAR, 'utf8'), 'sdspec.tmLanguage.json'),
});
const grammar = await registry.loadGrammar('source.sdspec');
if (!grammar) throw new Error('The TextMate grammar cannot be loaded.');

describe('scopes', () => {
    for (const file of readdirSync(CASES).filter((name) => name.endsWith('.sdspec'))) {
        test(file, async () => {
            const text = readFileSync(new URL(file, CASES), 'utf8');
            await expect(scopes(text)).toMatchFileSnapshot(new URL(`${file}.scopes`, CASES).pathname);
        });
    }
});

describe('single tokens', () => {
    const check = (line: string, token: string, scope: string) =>
        test(`${line} ⇒ ${token}: ${scope}`, () => {
            const found = tokensOf(line).find(({ text }) => text === token);
            expect(found?.scopes.at(-1)).toBe(scope);
        });
    check('generate a { seed 42 }', 'seed', 'keyword.other.clause.sdspec');
    check('generate a { seed 42 }', '42', 'constant.numeric.sdspec');
    check('generate new-sky { }', 'new-sky', 'entity.name.function.runnable.sdspec');
    check('generate a { use my-model }', 'my-model', 'variable.other.reference.sdspec');
    check('generate a { start from seed-picture }', 'seed-picture', 'variable.other.reference.sdspec');
    check('prompt p = "a {style} b"', 'style', 'variable.parameter.sdspec');
    check('prompt p = "a \\{style"', '\\{', 'constant.character.escape.sdspec');
    check('prompt p = "open', 'open', 'string.quoted.double.sdspec');
    check('image i = "a.png" sha256:00ff', '00ff', 'constant.other.digest.sdspec');
    check('weights w { down.1.attn.0 0.5 }', 'down.1.attn.0', 'support.constant.layer.sdspec');
    check('generate a { scale down.* 0.5 }', 'down.*', 'support.constant.layer.sdspec');
});

test('every word of the language has a colour', () => {
    const words = keywordsOf(SdspecGrammar()).filter((word) => /^[a-z]/.test(word));
    const plain = words.filter((word) => {
        // At the top level, at the beginning of a clause, and within one.
        const own = `generate a {\n    use m ${word} "x"\n}`;
        // A word that names have too has one behind its own clause alone.
        const behind = `generate a {\n    cache ${word} every 3\n}`;
        const within = `generate a {\n    use m ${word} x\n}`;
        const precise = `generate a {\n    precision ${word}\n}`;
        const texts = [`${word} name`, `generate a {\n    ${word} x\n}`, within, own, behind, precise];
        return texts.every((text) => {
            const scope = tokensOf(text)
                .find((token) => token.text === word)
                ?.scopes.at(-1);
            return (
                scope === undefined ||
                scope.startsWith('variable') ||
                scope.startsWith('source') ||
                scope.startsWith('meta')
            );
        });
    });
    expect(plain).toEqual([]);
});

function scopes(text: string): string {
    return `${tokensOf(text)
        .filter((token) => token.text.trim() !== '')
        .map((token) => `${token.text.padEnd(32)} ${token.scopes.slice(1).join(' ') || '-'}`)
        .join('\n')}\n`;
}

function tokensOf(text: string) {
    let stack = textmate.INITIAL;
    return text.split('\n').flatMap((line) => {
        const result = grammar!.tokenizeLine(line, stack);
        stack = result.ruleStack;
        return result.tokens.map(({ startIndex, endIndex, scopes }) => ({
            text: line.slice(startIndex, endIndex),
            scopes,
        }));
    });
}
