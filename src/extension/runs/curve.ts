/** The curve of a learning, as the runtime writes it beside the result. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CurvePoint, parseCurve } from '../../plan/learn.ts';

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
