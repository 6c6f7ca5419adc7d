/** The reference page is current, and says something of every terminal. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referencePage } from '../../scripts/reference/page.ts';
import { VALUES } from '../../scripts/reference/values.ts';
import { SdspecTerminals } from '../../src/language/generated/ast.ts';

test('docs/language.md is current: else run `npm run reference`', async () => {
    expect(readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8')).toBe(await referencePage());
});

test('every terminal is explained, with examples that it matches', () => {
    const hidden = ['WS', 'ML_COMMENT', 'SL_COMMENT', 'UNCLOSED'];
    const names = Object.keys(SdspecTerminals).filter((name) => !hidden.includes(name));
    expect(VALUES.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
});
