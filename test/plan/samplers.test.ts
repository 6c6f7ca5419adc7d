/** Samplers and problems: facts that others rely on. */
import { expect, test } from 'vitest';
import { assertNever, hasErrors, type Problem } from '../../src/plan/problem.ts';
import { isStochastic, SAMPLER_NAMES, SAMPLERS, SCHEDULES } from '../../src/plan/samplers.ts';

test.each([
    ['ddim', 0, false],
    ['ddim', 0.1, true],
    ['euler', 1, false],
    ['euler-a', 0, true],
    ['ddpm', 0, true],
    ['dpmpp-2m', 0, false],
    ['dpmpp-2m-sde', 0, true],
] as const)('%s with eta %d draws noise: %s', (name, eta, stochastic) =>
    expect(isStochastic(name, eta)).toBe(stochastic),
);

test('every sampler follows a known schedule, its own among them, and is documented', () => {
    for (const name of SAMPLER_NAMES) {
        const { schedules, doc, title } = SAMPLERS[name];
        expect(schedules).toContain('normal');
        for (const schedule of schedules) expect(SCHEDULES).toContain(schedule);
        expect(doc.endsWith('.')).toBe(true);
        expect(title).not.toBe('');
    }
});

test('names are words of the language', () => {
    for (const name of SAMPLER_NAMES) expect(name).toMatch(/^[a-z]\w*(-\w+)*$/);
});

const start = { line: 0, character: 0 };
function problem(severity: Problem['severity']): Problem {
    return { code: 'a/b', severity, message: '', where: { uri: '', start, end: start } };
}

test('only errors are in the way', () => {
    expect(hasErrors([problem('warning'), problem('information'), problem('hint')])).toBe(false);
    expect(hasErrors([problem('warning'), problem('error')])).toBe(true);
    expect(hasErrors([])).toBe(false);
});

test('what the compiler rules out is a broken promise', () => {
    expect(() => assertNever('x' as never)).toThrow('Not foreseen: "x"');
});
