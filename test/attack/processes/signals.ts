/** Signals at random moments: the exit code says so, nothing half-written is left, and the next run completes what is missing. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSpec } from '../../../src/cli/specs.ts';
import { readLockFile } from '../../../src/runtime/run/lock/lock.ts';
import { listRuns, runsFolder } from '../../../src/runtime/run/runs.ts';
import { random } from '../../language/fuzz/edits.ts';
import { type Ended, killGroup, leftovers, picturesIn, sdspec, withFolder } from '../built.ts';
import { pick, portion, type Scale, Tally } from '../kit.ts';

const SPEC = `generate turtle { prompt "a turtle" size 16x16 steps 2 seed 1..3 }
generate slow { prompt "slow" size 16x16 steps 2 }
sweep table over turtle { guidance in 1..8 seed in 1..2 }
`;

const PATIENT = 'generate patient { prompt "patient" size 16x16 steps 2 seed 1..2 }\n';

interface Subject {
    readonly args: readonly string[];
    /** What the command leaves for its output where it ends by itself: several times. */
    readonly code: number;
    /** How many pictures it makes: while two of them are missing, a signal that is caught must end it. */
    readonly pictures?: number;
}

const SUBJECTS: readonly Subject[] = [
    { args: ['run', 'a.sdspec', 'turtle', 'table', '--json'], code: 0, pictures: 19 },
    { args: ['run', 'a.sdspec', 'slow', '--json'], code: 0 },
    { args: ['lock', 'a.sdspec', 'turtle'], code: 0, pictures: 3 },
    { args: ['verify', 'a.sdspec', 'turtle'], code: 0 },
    { args: ['format', 'a.sdspec'], code: 0 },
    { args: ['check', 'a.sdspec'], code: 0 },
    { args: ['plan', 'a.sdspec', 'table'], code: 0 },
];

const CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof CODES;

export async function signals(scale: Scale): Promise<Tally> {
    const tally = new Tally('signals');
    if (process.platform === 'win32') {
        tally.skip('all', 'Windows has no signals');
        return tally;
    }
    for (const signal of Object.keys(CODES) as readonly Signal[]) {
        await Promise.all(
            ['run', 'lock'].map((command) => {
                const toGroup = command === 'lock';
                return tally.try(`${command}, which waits for ${signal}`, () => whileWaiting(command, signal, toGroup));
            }),
        );
    }
    const next = random(scale.seed);
    const count = portion(255, scale);
    const durations = new Map<Subject, number>();
    for (let i = 0; i < count; i++) {
        // The longer ones more often.
        const subject = i % 2 === 0 ? SUBJECTS[(i / 2) % 3]! : SUBJECTS[((i - 1) / 2) % SUBJECTS.length]!;
        const signal: Signal = pick(['SIGINT', 'SIGTERM', 'SIGHUP'], next);
        const toGroup = next() < 0.5;
        const [where, at] = [next(), next()];
        await withFolder(async (folder) => {
            const spec = join(folder, 'a.sdspec');
            writeFileSync(spec, SPEC);
            const whole = durations.get(subject) ?? (await timed(folder, subject));
            durations.set(subject, whole);
            // A third within the first 400 ms, a third near the end.
            const delay = where < 0.33 ? 400 * at : where < 0.66 ? whole * (0.7 + 0.4 * at) : whole * at;
            const what = `${subject.args.join(' ')}: ${signal}${toGroup ? ' to all' : ''} after ${delay.toFixed(0)} ms`;
            await tally.try(what, async () => {
                const { ended, sent, isWhole } = await signalled(folder, subject, { signal, toGroup, delay });
                if (sent === 'uncaught' && ended.code === signal && (isWhole || saidOf(ended) === ''))
                    return stateProblem(folder, ended);
                return problemOf(ended, sent, signal, subject) ?? (await stateProblem(folder, ended));
            });
        });
    }
    return tally;
}

/** A picture that is made until the program is asked to stop: without an answer to the signal there is no end. */
function whileWaiting(command: string, signal: Signal, toGroup: boolean): Promise<string | undefined> {
    return withFolder(async (folder) => {
        writeFileSync(join(folder, 'a.sdspec'), PATIENT);
        let looks: NodeJS.Timeout | undefined;
        const ended = await sdspec([command, 'a.sdspec', 'patient'], {
            cwd: folder,
            started(child) {
                looks = setInterval(() => {
                    if (listRuns(runsFolder(folder)).length === 0) return;
                    clearInterval(looks);
                    if (toGroup) killGroup(child, signal);
                    else child.kill(signal);
                }, 50);
            },
        });
        clearInterval(looks);
        const wrong = problemOf(ended, 'needed', signal);
        if (wrong) return wrong;
        const states = listRuns(runsFolder(folder)).map(({ state }) => state);
        return states.length === 1 && states[0] === 'cancelled' ? leftProblem(folder) : `the run is ${states}`;
    });
}

async function timed(folder: string, subject: Subject): Promise<number> {
    const begun = performance.now();
    const ended = await withFolder((other) => {
        writeFileSync(join(other, 'a.sdspec'), readFileSync(join(folder, 'a.sdspec')));
        return sdspec(subject.args, { cwd: other });
    });
    if (ended.code !== subject.code)
        throw new Error(`${subject.args.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
    return performance.now() - begun;
}

interface Shot {
    readonly signal: Signal;
    readonly toGroup: boolean;
    readonly delay: number;
}

/**
 * `needed`: the program listened for it, and pictures were missing; `caught`: it listened, and may have been at its end;
 * `uncaught`: no handler was there, since Node itself was still starting, or was ending. Undefined where the process had ended.
 */
type Sent = 'needed' | 'caught' | 'uncaught' | undefined;

async function signalled(folder: string, subject: Subject, { signal, toGroup, delay }: Shot) {
    let sent: Sent;
    const ended = await sdspec(subject.args, {
        cwd: folder,
        limit: 60_000,
        started(child) {
            setTimeout(() => {
                if (child.exitCode !== null || child.signalCode !== null) return;
                const missing = (subject.pictures ?? 0) - finishedIn(folder);
                sent = !isCaught(child) ? 'uncaught' : missing >= 2 ? 'needed' : 'caught';
                if (toGroup) killGroup(child, signal);
                else child.kill(signal);
            }, delay);
        },
    });
    const isWhole = finishedIn(folder) >= (subject.pictures ?? 0);
    return { ended, sent, isWhole };
}

/** How many pictures are there; sheets are none. More than any where a folder changes while it is read. */
function finishedIn(folder: string): number {
    try {
        const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
        return names.filter((name) => name.endsWith('.png') && !name.endsWith('sheet.png')).length;
    } catch {
        return Number.POSITIVE_INFINITY;
    }
}

/** Whether a process has a handler for the signal; true where the system doesn't say. */
function isCaught({ pid }: ChildProcess): boolean {
    try {
        const mask = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        if (mask === undefined) return true;
        // Node has a handler of its own for SIGINT and SIGTERM from its first moment on; SIGHUP is caught with them by the program.
        return (BigInt(`0x${mask}`) & 1n) !== 0n;
    } catch {
        return true;
    }
}

function problemOf(ended: Ended, sent: Sent, signal: Signal, subject?: Subject): string | undefined {
    const { code, stdout, stderr, hung } = ended;
    const said = saidOf(ended);
    if (hung) return `it did not end: ${said}`;
    if (/\bat .*\.(js|ts):\d+/.test(stderr) || /bug in sdspec|undefined/.test(stderr)) return `exception: ${said}`;
    // Node itself was starting, or ending, or the command did all of its work in one go; then nothing was stopped.
    if (sent !== 'needed' && code === subject?.code && (sent === undefined || !/stopped|cancelled/.test(said)))
        return undefined;
    if (code !== CODES[signal]) return `exit ${code} (${sent}): ${said}`;
    return stderr === '' && stdout === '' ? 'it ended without a word' : undefined;
}

function saidOf({ stdout, stderr }: Ended): string {
    return `${stdout}${stderr}`.slice(0, 1500);
}

function leftProblem(folder: string): string | undefined {
    const left = leftovers(folder);
    return left.length > 0 ? `left behind: ${left.join(', ')}` : undefined;
}

/** What is wrong with the folder after the signal, and after the next run. */
async function stateProblem(folder: string, { stdout }: Ended): Promise<string | undefined> {
    const left = leftProblem(folder);
    if (left) return left;
    const { unreadable } = readLockFile(folder);
    if (unreadable.length > 0) return `the lock has half a line: ${unreadable[0]!.text}`;
    const text = readFileSync(join(folder, 'a.sdspec'), 'utf8');
    if (text !== SPEC && text !== (await formatSpec(join(folder, 'a.sdspec'))).value) return `the spec is ${text}`;
    const before = listRuns(runsFolder(folder));
    for (const line of stdout.split('\n').filter((one) => one.startsWith('{"name"'))) {
        const { name, kind } = JSON.parse(line) as { readonly name: string; readonly kind: string };
        const state = before.find(({ record }) => record.name === name)?.state;
        if (kind === 'cancelled' && state === 'complete') return `${name} was cancelled, its record says complete`;
        if (kind === 'done' && state !== 'complete') return `${name} is done, its record says ${state}`;
    }
    for (const { state, record } of before)
        if (state === 'running') return `the record of ${record.name} says running, of process ${record.process}`;
    const pictures = picturesIn(folder);
    const again = await sdspec(['run', 'a.sdspec', ...before.map(({ record }) => record.name)], { cwd: folder });
    if (before.length > 0 && again.code !== 0) return `the next run ended with ${again.code}: ${again.stderr}`;
    for (const [file, bytes] of pictures) {
        if (existsSync(join(folder, file)) && readFileSync(join(folder, file)).toString('base64') === bytes) continue;
        // The sheet shows what is there.
        if (!file.endsWith('sheet.png')) return `${file} is another picture after the next run`;
    }
    const broken = before.length > 0 && listRuns(runsFolder(folder)).find(({ state }) => state !== 'complete');
    if (broken) return `after the next run ${broken.record.name} is ${broken.state}`;
    const rest = readdirSync(folder).filter((name) => name.includes('.part'));
    return rest.length > 0 ? `left behind: ${rest.join(', ')}` : undefined;
}
