/** Progress on stderr: one bar with step, time left and memory on a terminal, plain lines elsewhere. */
import { sizeWords, timeWords } from '../plan/amounts.ts';
import { type RunEvent, STAGE_WORDS } from '../runtime/events.ts';
import { CURSOR, type TerminalStream, visible } from './terminal.ts';

export interface ProgressDisplay {
    onEvent(event: RunEvent): void;
    memory(bytes: number): void;
    /** A line that stays, above the bar. */
    say(line: string): void;
    /** Takes the bar away. */
    end(): void;
}

export interface ProgressOptions {
    readonly name: string;
    /** How many pictures the run makes. */
    readonly pictures: number;
    readonly stream: TerminalStream;
    /** Called with every finished picture, with the progress bar cleared. */
    readonly picture?: (file: string) => void;
    readonly now?: () => number;
}

export function progressOf({
    name,
    pictures: expected,
    stream,
    picture,
    now = () => performance.now(),
}: ProgressOptions): ProgressDisplay {
    const isTerminal = stream.isTTY === true;
    let pictures = expected;
    let memory = 0;
    let finished = 0;
    let begun: number | undefined;
    let share = 0;
    /** Share of the work that was done when the clock began: pictures of an earlier run. */
    let shareAtStart = 0;
    let drawn = '';
    let printedAt = 0;
    /** What was reported as opened: each part of a run asks for its model again, which is open then. */
    const opened = new Set<string>();

    function draw(text: string): void {
        if (!isTerminal) return;
        const line = visible(text).slice(0, Math.max(20, (stream.columns || 80) - 1));
        stream.write(`${CURSOR.start}${line}${CURSOR.clear}`);
        drawn = line;
    }

    /** Does something with the bar out of the way. */
    function aside(act: () => void): void {
        if (drawn) stream.write(CURSOR.start + CURSOR.clear);
        act();
        if (drawn) stream.write(drawn);
    }

    function say(line: string): void {
        aside(() => stream.write(`${visible(line)}\n`));
    }

    function bar(what: string): string {
        const parts = [`${name} ${blocks(share)} ${what}`];
        if (pictures > 1) parts.push(`picture ${Math.min(finished + 1, pictures)}/${pictures}`);
        const left = timeLeft();
        if (left !== undefined) parts.push(`${timeWords(left / 1000)} left`);
        if (memory > 0) parts.push(sizeWords(memory));
        return parts.join(' · ');
    }

    /** The loss is a mean: a single step's shows which times were drawn more than anything else. */
    function learning({ name: what, step, steps, loss, secondsLeft }: Extract<RunEvent, { kind: 'learn' }>): void {
        const inner = what === name ? '' : `${what}: `;
        const left = step < steps ? `, ${timeWords(secondsLeft)} left` : '';
        const text = `${inner}step ${step} of ${steps}, loss ${loss.toFixed(4)}${left}`;
        const held = memory > 0 ? ` · ${sizeWords(memory)}` : '';
        draw(`${name} ${blocks(step / steps)} ${text}${held}`);
        if (isTerminal || (now() - printedAt < 5000 && step < steps)) return;
        printedAt = now();
        say(`${name}: ${text}`);
    }

    /** Milliseconds, from the speed of the steps so far. */
    function timeLeft(): number | undefined {
        const made = share - shareAtStart;
        return begun === undefined || made <= 0 || share >= 1 ? undefined : ((now() - begun) / made) * (1 - share);
    }

    return {
        onEvent(event) {
            switch (event.kind) {
                case 'notice':
                    return say(`${name}: ${event.text}`);
                case 'stage': {
                    if (event.stage === 'denoise' && begun === undefined) {
                        begun = now();
                        shareAtStart = finished / pictures;
                    }
                    const stageWords = event.stage === 'open' && event.detail ? 'opening' : STAGE_WORDS[event.stage];
                    if (!isTerminal && event.stage === 'open') {
                        const what = event.detail ?? 'the model';
                        const isKnown = event.detail === undefined ? opened.size > 0 : opened.has(what);
                        if (!isKnown) say(`${name}: opening ${what}`);
                        opened.add(what);
                    }
                    return draw(bar([stageWords, event.detail].filter(Boolean).join(' ')));
                }
                case 'step': {
                    const { cells, step, steps } = event;
                    share = Math.min(1, (finished + (cells.length * (step + 1)) / steps) / pictures);
                    draw(bar(`step ${step + 1}/${steps}`));
                    if (isTerminal || now() - printedAt < 5000) return;
                    printedAt = now();
                    return say(`${name}: step ${step + 1} of ${steps}`);
                }
                case 'learn':
                    return learning(event);
                case 'tile':
                    finished = event.done;
                    pictures = event.of;
                    share = Math.min(1, finished / pictures);
                    draw(bar('tiles'));
                    if (isTerminal || now() - printedAt < 5000) return;
                    printedAt = now();
                    return say(`${name}: tile ${event.done} of ${event.of}`);
                case 'kept':
                    finished = event.pictures.length;
                    share = finished / pictures;
                    return;
                case 'picture':
                    finished++;
                    return aside(() => picture?.(event.file));
                case 'preview':
                    return;
            }
        },
        memory(now_) {
            memory = now_;
        },
        say,
        end() {
            if (drawn) stream.write(CURSOR.start + CURSOR.clear);
            drawn = '';
        },
    };
}

/** A bar of 20 characters. */
export function blocks(share: number): string {
    const width = 20;
    const full = Math.round(share * width);
    return '█'.repeat(full) + '░'.repeat(width - full);
}
