/** Numbers are changed by keys, by a step that fits them. */
import { expect, it } from 'vitest';
import { nudged } from '../../../src/extension/runs/nudge.ts';

/** The line after a change at the mark `|`. */
function after(line: string, steps: number): string | undefined {
    const column = line.indexOf('|');
    const plain = line.replace('|', '');
    const found = nudged(plain, column, steps);
    return found && plain.slice(0, found.start) + found.text + plain.slice(found.end);
}

it.each([
    ['    seed 4|2', 1, '    seed 43'],
    ['    guidance 7.|5', -1, '    guidance 7.4'],
    ['    guidance |7.5', 10, '    guidance 8.5'],
    ['    size 128x1|28', 1, '    size 128x136'],
    ['    size 1|28x128', -1, '    size 120x128'],
    ['    infuse e { mid 0.3|5 }', 1, '    infuse e { mid 0.36 }'],
    ['    infuse e { mid 0.0|5 }', -10, '    infuse e { mid -0.05 }'],
    ['    during 0%..6|0%', 1, '    during 0%..61%'],
    ['    seed in 1..|4', 1, '    seed in 1..5'],
    ['    seed |0', -1, undefined],
    ['    infuse e { down.|1 0.3 }', 1, undefined],
    ['    infuse e { IN0|4 0.3 }', 1, undefined],
    ['    prompt "4|2 houses"', 1, undefined],
    ['    use sketch| // 42', 1, undefined],
])('%s by %d: %s', (line, steps, expected) => expect(after(line, steps)).toBe(expected));
