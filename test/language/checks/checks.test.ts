/** Every check, case by case: its code, its severity, the place it underlines, the text after its quick fix. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problemsOf } from '../../../src/language/index.ts';
import { RANGES } from '../../../src/language/meaning/ranges.ts';
import { type Files, fixed, languageWith, parse, slice } from '../workbench.ts';
import type { Case } from './case.ts';
import { CASES } from './cases.ts';

const LIBRARY =
    'prompt turtle = "a turtle"\nprompt frog = "a frog"\nparam who = "owl"\nparam how = "ink"\nprompt styled = "a {who}"\n';
const CIRCLE = 'import { b2 } from "./here.sdspec"\nprompt b = "x"\n';

/** One language for each set of files: most cases have none. */
const languages = new Map<string, ReturnType<typeof languageWith>>();

function languageFor(files: Files): ReturnType<typeof languageWith> {
    const key = JSON.stringify(files);
    const language = languages.get(key) ?? languageWith(files);
    languages.set(key, language);
    return language;
}

async function check({ code, severity, text, fixed: wanted, files = {} }: Case): Promise<void> {
    const plain = text.replace(/[«»]/g, '');
    const language = languageFor(files);
    await parse(LIBRARY, language, 'library.sdspec');
    await parse(plain, language, 'here.sdspec');
    if (text.includes('circle.sdspec')) await parse(CIRCLE, language, 'circle.sdspec');
    const document = await parse(plain, language, 'here.sdspec');
    const found = problemsOf(document);
    const told = found.filter((problem) => problem.code === code && problem.severity === severity);
    const places = told.map(({ where }) => slice(plain, where));
    expect(places, `all found: ${JSON.stringify(found, undefined, 1)}`).toContain(/«([\s\S]*)»/.exec(text)?.[1]);
    const fix = told.find(({ where }) => slice(plain, where) === /«([\s\S]*)»/.exec(text)?.[1])?.fix;
    expect(fix && fixed(plain, fix)).toBe(wanted);
}

test.each(CASES.map((each) => [each.code, each.text, each] as const))('%s: %s', (_code, _text, each) => check(each));

test('every code has a case', () => {
    const covered = new Set(CASES.map(({ code }) => code));
    expect(codesOfSources().filter((code) => !covered.has(code) && !ELSEWHERE.has(code))).toEqual([]);
});

/** Reported on command only, or of texts too large for a page: each has a test of its own. */
const ELSEWHERE = new Set(['digest/mismatch', 'curve/many', 'extends/deep', 'file/many', 'image/deep', 'syntax/large']);

/** The codes that the sources of the checks name. */
function codesOfSources(): readonly string[] {
    const folder = new URL('../../../src/language/checks/', import.meta.url);
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const written = sources.flatMap((source) => [...source.matchAll(/'([a-z]+\/[a-z-]+)'/g)].map((match) => match[1]!));
    const ranges = Object.values(RANGES).map(({ code }) => code);
    return [...new Set([...written, ...ranges])].sort();
}
