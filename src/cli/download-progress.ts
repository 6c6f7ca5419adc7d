/** Progress of a download on stderr: its size first, then one bar on a terminal, plain lines elsewhere. */

import { sizeWords, timeWords } from '../plan/amounts.ts';
import type { FetchProgress } from '../runtime/hub/fetch-model.ts';
import { blocks, type ProgressOptions } from './progress.ts';
import { CURSOR, visible } from './terminal.ts';

export interface DownloadProgress {
    onProgress(progress: FetchProgress): void;
    /** Takes the bar away. */
    end(): void;
}

/** Milliseconds between lines where there is no terminal. */
const BETWEEN_LINES = 5000;

export function downloadProgress({
    name,
    stream,
    now = () => performance.now(),
}: Pick<ProgressOptions, 'name' | 'stream' | 'now'>): DownloadProgress {
    const isTerminal = stream.isTTY === true;
    let begun: { readonly at: number; readonly done: number } | undefined;
    let printedAt = 0;
    let isDrawn = false;

    function clear(): void {
        if (isDrawn) stream.write(CURSOR.start + CURSOR.clear);
        isDrawn = false;
    }

    function say(line: string): void {
        clear();
        stream.write(`${visible(line)}\n`);
    }

    function draw(progress: Extract<FetchProgress, { kind: 'bytes' }>): void {
        const { path, fileDone, fileBytes, done, bytes: all } = progress;
        begun ??= { at: now(), done };
        const seconds = (now() - begun.at) / 1000;
        const speed = seconds > 1 ? (done - begun.done) / seconds : 0;
        const parts = [
            `${sizeWords(done)} of ${sizeWords(all)}`,
            `${path} ${Math.floor((100 * fileDone) / Math.max(1, fileBytes))}%`,
            ...(speed > 0 ? [`${sizeWords(speed)}/s`, `${timeWords((all - done) / speed)} left`] : []),
        ];
        if (isTerminal) {
            const line = `${blocks(all > 0 ? done / all : 1)} ${parts.join(' · ')}`;
            stream.write(
                `${CURSOR.start}${visible(line).slice(0, Math.max(20, (stream.columns || 80) - 1))}${CURSOR.clear}`,
            );
            isDrawn = true;
        } else if (now() - printedAt > BETWEEN_LINES) {
            printedAt = now();
            say(`${name}: ${parts.join(', ')}`);
        }
    }

    return {
        onProgress(progress) {
            switch (progress.kind) {
                case 'planned': {
                    const here = progress.hereBytes > 0 ? `; ${sizeWords(progress.hereBytes)} are here already` : '';
                    printedAt = now();
                    return say(`${name}: ${sizeWords(progress.bytes)} in ${progress.files} files${here}`);
                }
                case 'bytes':
                    return draw(progress);
                case 'file':
                    return say(`  ${progress.path} (${sizeWords(progress.bytes)})`);
                case 'notice':
                    return say(`${name}: ${progress.text}`);
            }
        },
        end: clear,
    };
}
