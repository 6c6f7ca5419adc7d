/** Sessions of learning: made when first needed, released for other work, made again. */

import { availableParallelism } from 'node:os';
import { createSession, type Feeds, type Session } from '../engine/session.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensor } from '../tensor.ts';

export interface LessonSession {
    run(feeds: Feeds): Promise<Readonly<Record<string, Tensor>>>;
    release(): Promise<void>;
}

export interface LessonSessionOptions {
    readonly threads?: number;
    /** Bytes of the part's weights. */
    readonly bytes: number;
}

/** Below this the weights are rearranged for speed; above, memory is dearer than the tenth of the time that it saves. */
const SMALL = 64 * 2 ** 20;

/** Decided by the part's size alone, never by the state of the machine: the two ways differ in the last bits. */
export function lessonSession(graph: Graph, { threads, bytes }: LessonSessionOptions): LessonSession {
    let session: Promise<Session> | undefined;
    const small = bytes < SMALL;
    return {
        async run(feeds) {
            session ??= createSession(graph, {
                backend: 'cpu',
                threads: threads ?? availableParallelism(),
                optimisation: small ? 'all' : 'extended',
                prepack: small,
            });
            return (await session).run(feeds);
        },
        async release() {
            const open = session;
            session = undefined;
            await (await open)?.release();
        },
    };
}
