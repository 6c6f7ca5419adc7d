/** The reference pages are current, and explain every terminal. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referencePages } from '../../scripts/reference/page.ts';
import { VALUES } from '../../scripts/reference/values.ts';
import { SdspecTerminals } from '../../src/language/generated/ast.ts';

test('docs/language is current: else run `npm run reference`', async () => {
    const folder = new URL('../../docs/language/', import.meta.url);
    const written = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);
    expect(new Map(written.toSorted())).toEqual(new Map([...(await referencePages())].toSorted()));
});

test('every terminal is explained, with examples that it matches', () => {
    const hidden = ['WS', 'ML_COMMENT', 'SL_COMMENT', 'UNCLOSED'];
    const names = Object.keys(SdspecTerminals).filter((name) => !hidden.includes(name));
    expect(VALUES.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});
