/** Digests: SHA-256 as Node computes it, and JSON that is the same for the same data. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, digest, sha256 } from '../../src/plan/digest.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const node = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// FIPS 180-4 examples: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values
test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
])('sha256 of %j', (text, hex) => expect(sha256(utf8(text))).toBe(hex));

test('sha256 equals the one of node:crypto at every length about a block', () => {
    for (let length = 0; length <= 200; length++) {
        const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255);
        expect(sha256(bytes)).toBe(node(bytes));
    }
});

test('sha256 equals the one of node:crypto for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => sha256(bytes) === node(bytes)));
});

test('sha256 of more than a megabyte', () => {
    const bytes = Uint8Array.from({ length: 1_200_001 }, (_, i) => i & 255);
    expect(sha256(bytes)).toBe(node(bytes));
});

test.each([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ a: undefined, b: null }, '{"b":null}'],
    [[undefined, -0, 1e21, 'ü"\n'], '[null,0,1e+21,"ü\\"\\n"]'],
    [{ a: { d: [], c: {} } }, '{"a":{"c":{},"d":[]}}'],
    [true, 'true'],
    ['x', '"x"'],
])('%j is written %s', (value, text) => expect(canonicalJson(value)).toBe(text));

test.each([Number.NaN, Number.POSITIVE_INFINITY, { a: [Number.NEGATIVE_INFINITY] }])('%j has no digest', (value) => {
    expect(() => canonicalJson(value)).toThrow('A plan holds the number');
});

// ── What holds for all data ────────────────────────────────────────────

const data = fc.jsonValue({ maxDepth: 4 });

test('canonical JSON is JSON of the same data', () => {
    fc.assert(
        fc.property(data, (value) => {
            expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        }),
    );
});

test('the order of members does not matter', () => {
    fc.assert(fc.property(data, (value) => digest(reversed(value)) === digest(value)));
});

test('members that are undefined do not matter', () => {
    fc.assert(
        fc.property(fc.dictionary(fc.string(), data), fc.string(), (value, name) => {
            fc.pre(!(name in value) && name !== '__proto__');
            expect(digest({ ...value, [name]: undefined })).toBe(digest(value));
        }),
    );
});

test('other data, another digest', () => {
    fc.assert(
        fc.property(data, data, (a, b) => {
            fc.pre(canonicalJson(a) !== canonicalJson(b));
            expect(digest(a)).not.toBe(digest(b));
        }),
    );
});

function reversed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(reversed);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).reverse();
    return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]));
}
