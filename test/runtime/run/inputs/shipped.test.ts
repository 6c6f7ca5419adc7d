/** What comes with sdspec is found beside the program, whatever folder a spec is in. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPANIONS } from '../../../../src/plan/companions.ts';
import { pathOf } from '../../../../src/runtime/run/inputs/inputs.ts';
import { builtinModels, companionNames } from '../../../../src/runtime/run/inputs/shipped.ts';
import { RunError } from '../../../../src/runtime/run-error.ts';

test.each(Object.entries(COMPANIONS))('builtin:%s is its file, or its absence is reported', (name, { file }) => {
    const place = join(builtinModels(), file);
    const path = `builtin:${name}`;
    expect(isAbsolute(place)).toBe(true);
    expect(companionNames().includes(name)).toBe(existsSync(place));
    if (existsSync(place)) expect(pathOf('/anywhere', path)).toBe(place);
    else expect(() => pathOf('/anywhere', path)).toThrow(`${path} should come with sdspec, but ${place} is missing`);
});

test('a name that is none is refused with those that are', () => {
    expect(() => pathOf('/anywhere', 'builtin:sketch-turtle')).toThrow(RunError);
    expect(() => pathOf('/anywhere', 'builtin:sketch-turtle')).toThrow('builtin:sketch-edges');
    expect(() => pathOf('/anywhere', 'builtin:toString')).toThrow('There is no builtin:toString.');
});

test('other paths are relative to the spec, or absolute', () => {
    expect(pathOf('/specs', 'ink.safetensors')).toBe(join('/specs', 'ink.safetensors'));
    expect(pathOf('/specs', '/weights/ink.safetensors')).toBe('/weights/ink.safetensors');
});
