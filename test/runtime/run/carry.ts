/** Executes runs in a temporary folder and collects their events. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Run } from '../../../src/plan/run.ts';
import type { RunEvent } from '../../../src/runtime/events.ts';
import { executeRun } from '../../../src/runtime/run/execute-run.ts';
import type { RunOptions, RunOutcome } from '../../../src/runtime/run/request.ts';
import type { RunServices } from '../../../src/runtime/run/run-services.ts';

/** A spec's folder, deleted after the test. */
export function specFolder(): string {
    const base = mkdtempSync(join(tmpdir(), 'sdspec-'));
    onTestFinished(() => rmSync(base, { recursive: true, force: true }));
    return base;
}

export interface Carried {
    readonly outcome: RunOutcome;
    readonly events: readonly RunEvent[];
}

/** Carries a run out in `base`. */
export async function carry(
    base: string,
    run: Run,
    workshop: RunServices,
    options: RunOptions = {},
    signal: AbortSignal = new AbortController().signal,
): Promise<Carried> {
    const events: RunEvent[] = [];
    const emit = (event: RunEvent) => void events.push(event);
    return { outcome: await executeRun({ id: '1', run, base, options }, workshop, { emit, signal }), events };
}

export function done(outcome: RunOutcome): Extract<RunOutcome, { kind: 'done' }> {
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome;
}

export function failed(outcome: RunOutcome): Extract<RunOutcome, { kind: 'failed' }> {
    if (outcome.kind !== 'failed') throw new Error(JSON.stringify(outcome));
    return outcome;
}

export function files(folder: string): string[] {
    return readdirSync(folder, { recursive: true }).map(String).sort();
}
