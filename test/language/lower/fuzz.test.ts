/** Lowering of broken text: it never throws, and always gives a run or the errors that prevent it. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { listRunnables, lowerRun } from '../../../src/language/index.ts';
import { hasErrors } from '../../../src/plan/problem.ts';
import { edited, random } from '../fuzz/edits.ts';
import { fileAccess, languageWith, parse } from '../workbench.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);
const texts = readdirSync(EXAMPLES)
    .filter((name) => /\w\.sdspec$/.test(name))
    .map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8'));
const FILES = Object.fromEntries(
    ['turtle', 'rabbit', 'elephant', 'house', 'room', 'frame', 'sky', 'sunset/1', 'sunset/2'].map((name) => [
        `assets/${name}.png`,
        [128, 128] as const,
    ]),
);
const files = fileAccess(FILES);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 8);
const EDITS_A_ROUND = 40;

test('a run, or errors', { timeout: 600_000 }, async () => {
    const next = random(Number(process.env['FUZZ_SEED'] ?? 7));
    const language = languageWith(FILES);
    for (let round = 0; round < ROUNDS; round++) {
        for (const original of texts) {
            let text = original;
            for (let i = 0; i < EDITS_A_ROUND; i++) {
                text = edited(text, next, texts);
                if (i % 5 === 0) await lowerAll(text, language);
            }
        }
    }
});

async function lowerAll(text: string, language: ReturnType<typeof languageWith>): Promise<void> {
    const document = await parse(text, language, 'fuzzed.sdspec');
    for (const { name } of listRunnables(document)) {
        try {
            const { value, problems } = lowerRun(document, name, { files });
            expect(value === undefined, JSON.stringify(problems)).toBe(hasErrors(problems));
        } catch (error) {
            throw new Error(`${name} of\n${text}`, { cause: error });
        }
    }
}
