/** The curve of a learning, as the runtime writes it beside the result. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurvePoint } from '../results/messages.ts';

/** The curve in a run's folder; empty where there is none yet. */
export function readCurve(folder: string): readonly CurvePoint[] {
    let text: string;
    try {
        text = readFileSync(join(folder, 'curve.csv'), 'utf8');
    } catch {
        return [];
    }
    return parseCurve(text);
}

/** Lines of `step,loss,…` below a head; lines that are no numbers are left out. */
export function parseCurve(text: string): readonly CurvePoint[] {
    return text
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
        .map(([step, loss]) => ({ step: Number(step || Number.NaN), loss: Number(loss || Number.NaN) }))
        .filter(({ step, loss }) => Number.isFinite(step) && Number.isFinite(loss));
}
