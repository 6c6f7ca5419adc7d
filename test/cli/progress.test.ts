import { describe, expect, it } from 'vitest';
import { progressOf } from '../../src/cli/progress.ts';
import type { RunEvent } from '../../src/runtime/events.ts';

function told(events: readonly RunEvent[], { isTTY, columns = 80 }: { isTTY: boolean; columns?: number }): string[] {
    const parts: string[] = [];
    let time = 0;
    const stream = { isTTY, columns, write: (part: string) => parts.push(part) > 0 };
    const progress = progressOf({ name: 'turtle', pictures: 2, stream, now: () => time });
    progress.memory(812e6);
    for (const event of events) {
        time += 1000;
        progress.onEvent(event);
    }
    progress.end();
    const written = parts.join('').replaceAll('\x1b[K', '');
    return written.split(/[\r\n]/).filter(Boolean);
}

function step(k: number): RunEvent {
    return { kind: 'step', cells: [0], step: k, steps: 4 };
}

describe('progress', () => {
    const events: RunEvent[] = [
        { kind: 'stage', stage: 'open', detail: 'builtin:sketch' },
        { kind: 'notice', text: 'webgpu can not be used; the CPU does the work.' },
        { kind: 'stage', stage: 'denoise' },
        step(0),
        step(1),
    ];

    it('is a bar with step, time left and memory on a terminal', () => {
        const lines = told(events, { isTTY: true });
        expect(lines[0]).toBe('turtle ░░░░░░░░░░░░░░░░░░░░ opening builtin:sketch · picture 1/2 · 812 MB');
        expect(lines).toContain('turtle: webgpu can not be used; the CPU does the work.');
        expect(lines.at(-1)).toBe('turtle █████░░░░░░░░░░░░░░░ step 2/4 · picture 1/2 · 6 s left · 812 MB');
        expect(told(events, { isTTY: true, columns: 40 }).every((line) => !line.includes('MB'))).toBe(true);
    });

    it('is a plain line now and then elsewhere', () => {
        // Every part of a run asks for its model.
        expect(told([...events, events[0]!, { kind: 'stage', stage: 'open' }, step(3)], { isTTY: false })).toEqual([
            'turtle: opening builtin:sketch',
            'turtle: webgpu can not be used; the CPU does the work.',
            'turtle: step 2 of 4',
        ]);
    });
});
