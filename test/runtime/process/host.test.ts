import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import type { RunEvent } from '../../../src/runtime/events.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '../../../src/runtime/process/client.ts';
import type { QueueEntry } from '../../../src/runtime/process/protocol.ts';
import type { RunRequest } from '../../../src/runtime/run/request.ts';
import { listRuns } from '../../../src/runtime/run/runs.ts';
import { specFolder } from '../run/carry.ts';
import { PLAN } from '../run/fake-workshop.ts';

const windows = process.platform === 'win32';

const OPTIONS: RuntimeOptions = {
    host: join(import.meta.dirname, 'fake-host.ts'),
    nodeArguments: ['--import', pathToFileURL(join(process.cwd(), 'node_modules/tsx/dist/loader.mjs')).href],
    graceMilliseconds: 300,
};

function runtime(log: string[] = []): Runtime {
    const made = createRuntime({ ...OPTIONS, log: (line) => log.push(line) });
    onTestFinished(() => made.stop());
    return made;
}

let count = 0;

function request(base: string, prompt: string, seeds: readonly number[] = [1]): RunRequest {
    const work: PicturePlan = {
        ...PLAN,
        seeds,
        conditioning: { kind: 'prompt', prompt: { phrases: [{ text: prompt, weight: 1 }] } },
    };
    return { id: `run-${++count}`, run: { name: prompt, work, expect: [] }, base };
}

function until(condition: () => boolean): Promise<void> {
    return expect.poll(condition, { timeout: 20_000, interval: 10 }).toBe(true) as unknown as Promise<void>;
}

describe('the runtime process', () => {
    it('carries a run out and reports its steps, previews and pictures', async () => {
        const base = specFolder();
        const events: RunEvent[] = [];
        const wanted = { ...request(base, 'plain', [1, 2]), options: { previewEvery: 2 } };
        const outcome = await runtime().run(wanted, (event) => events.push(event)).outcome;
        expect(outcome).toMatchObject({ kind: 'done', upToDate: false, record: { state: 'complete' } });
        const steps = events.flatMap((event) => (event.kind === 'step' ? [event.step] : []));
        expect(steps).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
        const preview = events.find((event) => event.kind === 'preview');
        expect(preview).toMatchObject({ step: 1, picture: { width: 16, height: 8 } });
        expect(preview?.picture.data).toEqual(new Uint8Array(16 * 8 * 3).fill(1));
        for (const event of events) if (event.kind === 'picture') expect(existsSync(event.file)).toBe(true);
    });

    it('keeps a queue that can be reordered, and takes waiting runs out', async () => {
        const base = specFolder();
        const one = runtime();
        const queues: (readonly QueueEntry[])[] = [];
        one.onQueue((queue) => queues.push(queue));
        const [slow, b, c, d] = ['patient', 'b', 'c', 'd'].map((prompt) => one.run(request(base, prompt)));
        const order: string[] = [];
        for (const handle of [slow, b, c, d]) handle!.outcome.then(() => order.push(handle!.id));
        await until(() => one.queue.length === 4);
        expect(one.queue.map(({ name, state }) => `${name} ${state}`)).toEqual([
            'patient running',
            'b waiting',
            'c waiting',
            'd waiting',
        ]);
        one.reorder([d!.id, b!.id]);
        c!.cancel();
        slow!.cancel();
        const outcomes = await Promise.all([slow, b, c, d].map((handle) => handle!.outcome));
        expect(outcomes.map(({ kind }) => kind)).toEqual(['cancelled', 'done', 'cancelled', 'done']);
        expect(order.indexOf(d!.id)).toBeLessThan(order.indexOf(b!.id));
        await until(() => one.queue.length === 0);
    });

    it('that does not stop in time is killed; finished pictures stay and waiting runs continue in a new process', async () => {
        const base = specFolder();
        const one = runtime();
        const crashes: unknown[] = [];
        one.onCrash((failure) => crashes.push(failure));
        let pictures = 0;
        const stuck = one.run(request(base, 'stuck', [1, 2]), (event) => {
            if (event.kind === 'picture') pictures++;
        });
        const after = one.run(request(base, 'after'));
        await until(() => pictures === 1);
        const first = one.pid;
        stuck.cancel();
        expect(await stuck.outcome).toMatchObject({ kind: 'cancelled', pictures: 1 });
        expect(await after.outcome).toMatchObject({ kind: 'done' });
        expect(one.pid).not.toBe(first);
        expect(crashes).toEqual([]);
        const stored = listRuns(join(base, '.sdspec', 'runs'), 'stuck')[0];
        expect(stored).toMatchObject({ state: 'cancelled', record: { finished: expect.any(String) } });
        expect(stored?.record.pictures.map(({ seed }) => seed)).toEqual([1]);
    });

    it('that is stopped cancels its runs; their records say so', async () => {
        const base = specFolder();
        const one = runtime();
        const crashes: unknown[] = [];
        one.onCrash((failure) => crashes.push(failure));
        let pictures = 0;
        const goesOn = one.run(request(base, 'stuck', [1, 2]), ({ kind }) => kind === 'picture' && pictures++);
        const waits = one.run(request(base, 'waits'));
        await until(() => pictures === 1 && one.queue.length === 2);
        await one.stop();
        expect(await goesOn.outcome).toEqual({ kind: 'cancelled', pictures: 1 });
        expect(await waits.outcome).toEqual({ kind: 'cancelled', pictures: 0 });
        expect(listRuns(join(base, '.sdspec', 'runs'))).toMatchObject([{ state: 'cancelled' }]);
        expect([one.pid, crashes]).toEqual([undefined, []]);
    });

    it('that is started again cancels the run that continues and keeps those that wait', async () => {
        const base = specFolder();
        const one = runtime();
        const [goesOn, waits] = [one.run(request(base, 'patient')), one.run(request(base, 'waits'))];
        await until(() => one.queue.length === 2);
        const before = one.pid;
        await one.restart();
        expect(await goesOn.outcome).toMatchObject({ kind: 'cancelled' });
        expect(await waits.outcome).toMatchObject({ kind: 'done' });
        expect(one.pid).toBeDefined();
        expect(one.pid).not.toBe(before);
    });

    it('reports when it was started and when it was ended on purpose', async () => {
        const one = runtime();
        const pids: (number | undefined)[] = [];
        one.onRenewed(() => pids.push(one.pid));
        one.start();
        await one.restart();
        await one.stop();
        expect(pids).toEqual([expect.any(Number), undefined, expect.any(Number), undefined]);
    });

    it('takes new options once nothing is left to do', async () => {
        const base = specFolder();
        const [one, log] = [runtime(), [] as string[]];
        const slow = one.run(request(base, 'slow'));
        await until(() => one.queue.length === 1);
        const before = one.pid;
        one.configure({ ...OPTIONS, log: (line) => log.push(line) });
        expect(one.pid).toBe(before);
        expect(await slow.outcome).toMatchObject({ kind: 'done' });
        await until(() => one.pid === undefined);
        expect(await one.run(request(base, 'exit', [1, 2])).outcome).toMatchObject({ kind: 'failed' });
        expect(log).toContain('the driver gave up');
    });

    it('that is abandoned leaves its run interrupted', async () => {
        const base = specFolder();
        const one = runtime();
        let pictures = 0;
        one.run(request(base, 'stuck', [1, 2]), ({ kind }) => kind === 'picture' && pictures++);
        await until(() => pictures === 1);
        one.abandon();
        await until(() => one.pid === undefined);
        expect(listRuns(join(base, '.sdspec', 'runs'))).toMatchObject([{ state: 'interrupted' }]);
    });

    it('continues with its step when a waiting run is stopped', async () => {
        const base = specFolder();
        const one = runtime();
        const [busy, waits] = [one.run(request(base, 'busy', [1, 2])), one.run(request(base, 'waits'))];
        await until(() => one.queue.length === 2);
        const first = one.pid;
        waits.cancel();
        expect(await waits.outcome).toEqual({ kind: 'cancelled', pictures: 0 });
        expect(await busy.outcome).toMatchObject({ kind: 'done' });
        expect(one.pid).toBe(first);
    });

    it('that ends by itself fails its runs with exit code and last words, and the next run starts it again', async () => {
        const base = specFolder();
        const log: string[] = [];
        const one = runtime(log);
        const crashes: unknown[] = [];
        one.onCrash((failure) => crashes.push(failure));
        const [ends, waits] = [one.run(request(base, 'exit', [1, 2])), one.run(request(base, 'waits'))];
        const failure = {
            code: 'runtime/ended',
            message: 'The runtime ended with exit code 3. Finished pictures are kept.',
            detail: 'the driver gave up',
        };
        expect(await ends.outcome).toMatchObject({ kind: 'failed', pictures: 1, failure });
        expect(await waits.outcome).toMatchObject({ kind: 'failed', pictures: 0, failure: { code: 'runtime/ended' } });
        expect(crashes).toEqual([failure]);
        expect(log).toContain('the driver gave up');
        expect((await one.run(request(base, 'exit', [1])).outcome).kind).toBe('done');
    });

    it('that gets no more file handles says how to allow more', async () => {
        const outcome = await runtime().run(request(specFolder(), 'handles', [1, 2])).outcome;
        expect(outcome).toMatchObject({
            kind: 'failed',
            failure: { code: 'runtime/handles', message: expect.stringMatching(/Too many files.*ulimit.*are kept/) },
        });
    });

    it('that is killed says so', async (context) => {
        context.skip(windows, 'not on Windows');
        const outcome = await runtime().run(request(specFolder(), 'crash', [1, 2])).outcome;
        expect(outcome).toMatchObject({
            kind: 'failed',
            failure: { message: expect.stringContaining('killed (SIGKILL)') },
        });
    });

    it('that can not be started says so', async () => {
        const one = createRuntime({ host: 'host.js', program: { path: join(specFolder(), 'no-node') } });
        const outcome = await one.run(request(specFolder(), 'plain')).outcome;
        expect(outcome).toMatchObject({
            kind: 'failed',
            failure: { message: expect.stringContaining('could not be started') },
        });
    });
});
