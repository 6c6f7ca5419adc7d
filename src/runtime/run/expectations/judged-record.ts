/** A finished run's record with its pictures measured and judged. */
import type { MadeSource } from '../../../plan/sources.ts';
import { readLock } from '../lock/lock.ts';
import { makeSource } from '../make-first.ts';
import { measureSweep } from '../measures/measures.ts';
import type { RunRecord } from '../record.ts';
import type { MadeFirstContext } from '../run-context.ts';
import { writeRecord } from '../runs.ts';
import { judge } from './expect.ts';

/** The record with the pictures measured and judged as the spec states it now. */
export async function judgedRecord(record: RunRecord, folder: string, making: MadeFirstContext): Promise<RunRecord> {
    const { request, workshop, emit } = making;
    const { run, base } = request;
    const { expectations: _, measures: __, ...rest } = record;
    const { measure, work } = run;
    if (run.expect.length === 0 && !measure) return rest;
    if (measure) emit({ kind: 'stage', stage: 'measure' });
    const measures =
        measure && work.kind === 'sweep' ? await measureSweep(work, measure, record, folder, making) : undefined;
    const measured = measures ? { ...rest, measures } : rest;
    const judging = {
        record: measured,
        folder,
        base,
        lock: readLock(base),
        makeSource: (one: MadeSource) => makeSource(one, making),
    };
    const expectations = await judge(run.expect, judging, workshop);
    const whole = expectations.length > 0 ? { ...measured, expectations } : measured;
    await writeRecord(folder, whole);
    return whole;
}
