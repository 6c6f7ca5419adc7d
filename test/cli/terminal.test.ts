/** The terminal shows text: nothing in a name, path or message moves its cursor or turns a line around. */
import { expect, it } from 'vitest';
import { progressOf } from '../../src/cli/progress.ts';
import { printVisibly, visible } from '../../src/cli/terminal.ts';

it('writes control characters and direction marks visibly, and leaves text alone', () => {
    expect(visible('a\x1b[31mred\x07\x9b2J')).toBe('a\\x1b[31mred\\x07\\u009b2J');
    expect(visible('a\u202egnp.b\u2066c')).toBe('a\\u202egnp.b\\u2066c');
    expect(visible('cr\rover')).toBe('cr\\x0dover');
    expect(visible('Größe 日本語 🐢\ttab\r\nline\n')).toBe('Größe 日本語 🐢\ttab\nline\n');
});

it('leaves JSON what it is', () => {
    const value = { name: 'a\x1b\x9b\u202e\x7f' };
    expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value);
});

it('holds for everything that the console prints', () => {
    const written: unknown[] = [];
    const target = {
        log: (...all: unknown[]) => written.push(...all),
        error: (...all: unknown[]) => written.push(...all),
    };
    printVisibly(target as unknown as Console);
    target.log('\x1b]0;title\x07', 3);
    target.error('\u202e');
    expect(written).toEqual(['\\x1b]0;title\\x07', 3, '\\u202e']);
});

it.each([true, false])('holds for progress (terminal: %s)', (isTTY) => {
    let written = '';
    const stream = {
        isTTY,
        columns: 200,
        write(text: string) {
            written += text;
            return true;
        },
    };
    const progress = progressOf({ name: 'a\x1b[2Jb', pictures: 1, stream });
    progress.onEvent({ kind: 'notice', text: 'file \x1b[31m.png' });
    progress.onEvent({ kind: 'stage', stage: 'open', detail: '\u202emodel' });
    progress.end();
    const foreign = written.replaceAll('\x1b[K', '');
    expect(foreign).not.toContain('\x1b');
    expect(foreign).not.toContain('\u202e');
    expect(written).toContain('a\\x1b[2Jb');
});
