/** How a download goes, in a few words: bytes, speed, and the time that is left. */

import { sizeWords, timeWords } from '../../plan/amounts.ts';
import type { FetchProgress } from '../../runtime/hub/fetch-model.ts';

export interface DownloadState {
    readonly words: string;
    /** Of the whole download, from 0 to 100. */
    readonly percent: number;
}

type Bytes = Extract<FetchProgress, { kind: 'bytes' }>;

/** Speed is that of the last seconds. */
const WINDOW = 8000;
const SHORTEST = 500;

/** Follows a download; `now` is in milliseconds. */
export function followDownload(now = () => performance.now()): (progress: Bytes) => DownloadState {
    let moments: { readonly at: number; readonly done: number }[] = [];
    let file = '';
    return ({ path, done, bytes }) => {
        // A file may begin with what an earlier download left of it, which is no speed.
        if (path !== file || done < (moments.at(-1)?.done ?? 0)) moments = [];
        file = path;
        const at = now();
        moments = [...moments.filter((one) => at - one.at <= WINDOW), { at, done }];
        const first = moments[0]!;
        const speed = at - first.at >= SHORTEST ? (done - first.done) / ((at - first.at) / 1000) : 0;
        const pace = speed > 0 ? [`${sizeWords(speed)}/s`, `${timeWords((bytes - done) / speed)} left`] : [];
        const words = [`${sizeWords(done)} of ${sizeWords(bytes)}`, ...pace].join(' · ');
        return { words, percent: bytes > 0 ? (100 * done) / bytes : 100 };
    };
}
