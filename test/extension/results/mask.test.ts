/** A painted mask: its strokes, what is drawn of them, and what the host takes. */
import { expect, it } from 'vitest';
import {
    drawMask,
    isPainted,
    longer,
    type MaskContext,
    newMask,
    withStroke,
} from '../../../src/extension/results/page/mask/strokes.ts';
import { parseToHost } from '../../../src/extension/results/parse-messages.ts';

const SIZE = { width: 96, height: 64 };
const line = (erases: boolean, ...points: number[]) => ({ kind: 'line', erases, width: 8, points }) as const;

/** Writes down what is drawn. */
function recorder() {
    const calls: string[] = [];
    const note =
        (name: string) =>
        (...numbers: number[]) =>
            void calls.push(`${name} ${numbers.join(' ')}`.trim());
    const context = {
        globalCompositeOperation: '',
        fillStyle: '',
        strokeStyle: '',
        lineWidth: 0,
        lineCap: '',
        lineJoin: '',
        clearRect: note('clear'),
        fillRect: (...numbers: number[]) => note(`fill ${context.globalCompositeOperation}`)(...numbers),
        beginPath: () => {},
        moveTo: note('from'),
        lineTo: note('to'),
        stroke: () => note(`stroke ${context.globalCompositeOperation} ${context.lineWidth}`)(),
    };
    return { context: context as MaskContext, calls };
}

it('strokes are drawn in their order: painted, erased, turned inside out', () => {
    const { context, calls } = recorder();
    drawMask(context, [line(false, 1, 2, 3, 4), line(true, 5, 6), { kind: 'invert' }], SIZE);
    expect(calls).toEqual([
        'clear 0 0 96 64',
        'from 1 2',
        'to 3 4',
        'stroke source-over 8',
        'from 5 6',
        'to 5.01 6',
        'stroke destination-out 8',
        'fill xor 0 0 96 64',
    ]);
    expect(context.globalCompositeOperation).toBe('source-over');
});

it('a stroke grows by points that are apart', () => {
    expect(longer([10, 10], 10.2, 10, 8)).toEqual([10, 10]);
    expect(longer([10, 10], 14.26, 10, 8)).toEqual([10, 10, 14.3, 10]);
});

it('a mask is one as soon as something is painted', () => {
    const empty = newMask('run#0', SIZE);
    expect(empty).toMatchObject({ brush: 8, feather: 0, strokes: [] });
    expect(isPainted(empty)).toBe(false);
    expect(isPainted(withStroke(empty, line(true, 1, 1)))).toBe(false);
    expect(isPainted(withStroke(empty, line(false, 1, 1)))).toBe(true);
    expect(isPainted(withStroke(empty, { kind: 'invert' }))).toBe(true);
});

it('the host takes PNG files with a feather in whole pixels', () => {
    const mask = { kind: 'mask', key: '/run', cell: 0, feather: 8, data: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1]) };
    expect(parseToHost(mask)).toEqual(mask);
    expect(parseToHost({ ...mask, data: new Uint8Array([0x4d, 0x5a]) })).toBeUndefined();
    expect(parseToHost({ ...mask, feather: 'x' })).toBeUndefined();
    expect(parseToHost({ ...mask, feather: -1 })).toBeUndefined();
});
