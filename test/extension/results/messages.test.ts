/** Messages between the results page and its host: only what is one passes. */
import { expect, it } from 'vitest';
import { parseToHost, parseToPage } from '../../../src/extension/results/parse-messages.ts';

it('the host takes nothing but its own messages', () => {
    expect(parseToHost({ kind: 'ready', key: '/a' })).toEqual({ kind: 'ready', key: '/a', pinned: false });
    expect(parseToHost({ kind: 'act', action: 'copySeed', key: '/a', cell: 0, extra: 1 })).toEqual({
        kind: 'act',
        action: 'copySeed',
        key: '/a',
        cell: 0,
    });
    for (const bad of [
        undefined,
        'ready',
        [],
        { kind: 'unknown' },
        { kind: 'act', action: 'rm', key: '/a', cell: 0 },
        { kind: 'act', action: 'copySeed', key: '/a', cell: -1 },
        { kind: 'act', action: 'copySeed', key: 1, cell: 0 },
        { kind: 'viewing', key: '/a', cell: 0.5 },
        { kind: 'pin', pinned: 'yes' },
        { kind: 'other' },
    ]) {
        expect(parseToHost(bad)).toBeUndefined();
    }
});

it('the page takes nothing but the host’s messages', () => {
    const preview = { kind: 'preview', key: '/a', cell: 0, step: 1, width: 2, height: 1, data: new Uint8Array(6) };
    expect(parseToPage(preview)).toBe(preview);
    expect(parseToPage({ kind: 'do', action: 'grid' })).toBeDefined();
    for (const bad of [
        null,
        { kind: 'preview', key: '/a', cell: 0, step: 1, width: 2, height: 1, data: new Uint8Array(5) },
        { kind: 'do', action: 'reboot' },
        { kind: 'show', shown: { key: '/a' } },
        { kind: 'picture', key: '/a', picture: { cell: 0 } },
        { kind: 'empty' },
    ]) {
        expect(parseToPage(bad)).toBeUndefined();
    }
});
