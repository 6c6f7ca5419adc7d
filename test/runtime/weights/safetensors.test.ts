/** Safetensors headers: what is read, and what is refused with which words. */
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../src/runtime/weights/half.ts';
import { ModelError } from '../../../src/runtime/weights/model-error.ts';
import { readTensor } from '../../../src/runtime/weights/read-tensor.ts';
import { readSafetensors } from '../../../src/runtime/weights/safetensors.ts';
import { temporaryFolder, writeRaw } from './write-safetensors.ts';

const folder = temporaryFolder();
const file = join(folder, 'x.safetensors');
const f32 = (from: number, to: number, shape = [(to - from) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
});

test('a valid file is read whole', () => {
    const ids = { dtype: 'I64', shape: [1], data_offsets: [0, 8] };
    writeRaw(file, { __metadata__: { format: 'pt' }, ids, ü: f32(8, 24, [2, 2]), empty: f32(24, 24, [0, 3]) }, 24);
    const { tensors, metadata } = readSafetensors(file);
    expect(metadata).toEqual({ format: 'pt' });
    expect(tensors.get('ids')!.dtype).toBe('I64');
    expect([...tensors.keys()].sort()).toEqual(['empty', 'ids', 'ü']);
    const { offset, length } = tensors.get('ü')!;
    expect([length, offset]).toEqual([16, readSafetensors(file).size - 16]);
});

test('links lead to the file behind them', (context) => {
    context.skip(process.platform === 'win32', 'not on Windows');
    const link = join(folder, 'link.safetensors');
    writeRaw(file, { a: f32(0, 4) }, 4);
    symlinkSync(file, link);
    expect(readSafetensors(link).tensors.get('a')!.file).toBe(readSafetensors(file).file);
});

describe.each<[string, string | object, number, string | RegExp]>([
    ['a data part cut short', { a: f32(0, 16) }, 12, /promises \d+; download it again/],
    ['bytes after the last tensor', { a: f32(0, 16) }, 20, '4 bytes follow its last tensor'],
    ['overlapping tensors', { a: f32(0, 16), b: f32(8, 24) }, 24, 'the tensor "b" overlaps'],
    ['a hole', { a: f32(0, 4), b: f32(8, 12) }, 12, 'a hole of 4 bytes before the tensor "b"'],
    ['a hole at the start', { a: f32(4, 8) }, 8, 'a hole of 4 bytes'],
    ['a shape that does not fit', { a: f32(0, 16, [3]) }, 16, 'needs 12 bytes for F32 of shape [3] but has 16'],
    ['a negative side', { a: f32(0, 16, [-2, -2]) }, 16, 'has no valid shape'],
    ['a side that is no number', { a: { ...f32(0, 4), shape: ['1'] } }, 4, 'has no valid shape'],
    ['an overflowing shape', { a: f32(0, 16, [2 ** 40, 2 ** 40]) }, 16, 'needs'],
    ['reversed offsets', { a: { ...f32(0, 4), data_offsets: [4, 0] } }, 4, 'needs 4 bytes'],
    ['negative offsets', { a: { ...f32(0, 4), data_offsets: [-4, 0] } }, 4, 'has no valid offsets'],
    ['missing offsets', { a: { dtype: 'F32', shape: [1] } }, 4, 'has no valid offsets'],
    ['an unknown type', { a: { ...f32(0, 4), dtype: 'F33' } }, 4, 'the unknown type "F33"'],
    ['a prototype as type', { a: { ...f32(0, 4), dtype: 'constructor' } }, 4, 'the unknown type'],
    ['an entry that is no record', { a: [] }, 0, 'is not an object'],
    [
        'a key twice',
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
        'the entry "a" occurs twice',
    ],
    [
        'a key twice in disguise',
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{}}',
        4,
        'occurs twice',
    ],
    [
        'a field twice',
        '{"a":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}',
        4,
        'the entry "a" has "dtype" twice',
    ],
    ['a header that is no JSON', '{"a"', 0, 'its header is not JSON at character 5'],
    ['an entry that breaks off', '{"a":{"dtype":"F32"', 0, 'its header is not JSON'],
    ['text after the header', '{} {}', 0, 'its header is not JSON'],
    ['a megabyte of brackets', `{"a":${'['.repeat(1_000_000)}`, 0, 'the entry "a" is not an object'],
    ['metadata that is nested deeply', `{"__metadata__":{"a":${'['.repeat(1_000_000)}`, 0, 'nested too deeply'],
    [
        'a shape of many sides',
        `{"a":{"dtype":"F32","shape":[${'1,'.repeat(100)}1],"data_offsets":[0,4]}}`,
        4,
        'no valid shape',
    ],
    ['a name of many characters', `{"${'a'.repeat(5000)}":{}}`, 0, 'a name of 5000 characters'],
    [
        'more tensors than any model has',
        `{${Array.from({ length: 30_001 }, (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`).join(',')}}`,
        0,
        'more than 30000 tensors',
    ],
])('%s', (_, header, bytes, message) => {
    test('is refused', () => {
        writeRaw(file, header, bytes);
        expect(() => readSafetensors(file)).toThrow(ModelError);
        expect(() => readSafetensors(file)).toThrow(message);
    });
});

test.each<[string, Buffer | string, string | RegExp]>([
    ['nothing', '', 'it has only 0 bytes'],
    ['a web page', '<!DOCTYPE html><html>login</html>', 'it looks like a web page'],
    ['an LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid', 'git lfs pull'],
    ['a zipped pickle', Buffer.from('PK\x03\x04aaaaaaaaaaa', 'latin1'), 'can run code'],
    ['a pickle', Buffer.from('\x80\x02}qaaaaaaaaaaa', 'latin1'), 'can run code'],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'), 'a picture'],
    ['JSON', '{"a": 1, "b": 2, "c": 3}', 'a JSON file'],
    [
        'a huge header',
        Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), Buffer.from('{}')]),
        'not a safetensors file',
    ],
    [
        'a header longer than the file',
        Buffer.concat([Buffer.from([255, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]),
        'it ends within its header',
    ],
])('%s is refused', (_, content, message) => {
    writeFileSync(file, content);
    expect(() => readSafetensors(file)).toThrow(message);
});

test('a missing file and a folder are refused', () => {
    expect(() => readSafetensors(join(folder, 'none'))).toThrow(/can't be opened/);
    expect(() => readSafetensors(folder)).toThrow(ModelError);
});

test('whatever a header says, the answer is a list of tensors within the file or a ModelError', () => {
    const entry = fc.record({
        dtype: fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'X'),
        shape: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }),
        data_offsets: fc.array(fc.integer({ min: -1, max: 40 }), { maxLength: 3 }),
    });
    fc.assert(
        fc.property(fc.dictionary(fc.string({ maxLength: 3 }), entry, { maxKeys: 4 }), fc.nat(48), (header, bytes) => {
            writeRaw(file, header, bytes);
            try {
                const { tensors, size } = readSafetensors(file);
                for (const { offset, length } of tensors.values()) expect(offset + length).toBeLessThanOrEqual(size);
            } catch (error) {
                expect(error).toBeInstanceOf(ModelError);
            }
        }),
        { numRuns: 200 },
    );
});

test('half precision is read and written as IEEE 754 says', () => {
    const known: readonly (readonly [number, number])[] = [
        [0x0000, 0],
        [0x3c00, 1],
        [0xc000, -2],
        [0x7bff, 65504],
        [0x0001, 2 ** -24],
        [0x0400, 2 ** -14],
        [0x3555, 0.333251953125],
        [0x7c00, Number.POSITIVE_INFINITY],
    ];
    for (const [bits, value] of known) {
        expect(fromFloat16(bits)).toBe(value);
        expect(toFloat16(value)).toBe(bits);
    }
    const patterns = Array.from({ length: 0x10000 }, (_, bits) => bits);
    const survives = (from: (bits: number) => number, to: (value: number) => number) => (bits: number) =>
        Number.isNaN(from(bits)) || to(from(bits)) === bits;
    expect(patterns.filter((bits) => !survives(fromFloat16, toFloat16)(bits))).toEqual([]);
    expect(patterns.filter((bits) => !survives(fromBfloat16, toBfloat16)(bits))).toEqual([]);
    expect(fromBfloat16(0x3f80)).toBe(1);
    expect(toFloat16(2049)).toBe(toFloat16(2048)); // ties to even
    expect(toFloat16(2051)).toBe(toFloat16(2052));
    expect(toFloat16(1e6)).toBe(0x7c00);
});

test('tensors are widened when they are read', () => {
    const bytes = Buffer.from(Uint16Array.from([1, 0.5, -2], toFloat16).buffer);
    const json = JSON.stringify({ a: { dtype: 'F16', shape: [3], data_offsets: [0, 6] } });
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    writeFileSync(file, Buffer.concat([length, Buffer.from(json), bytes]));
    expect(readTensor(readSafetensors(file).tensors.get('a')!).data).toEqual(Float32Array.of(1, 0.5, -2));
});
