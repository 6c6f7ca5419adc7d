/** Shares a sweep between processes, kills some of them at random, and compares with a run alone: `tsx kills.ts [WORKERS] [KILLS] [SEED]`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunRecord } from '../../../../src/runtime/run/record.ts';
import { type Contents, contentsOf, finished, type Kill, randomOf, runFolder, withBuiltCli } from '../killing.ts';

const SPEC = `model sketch = "builtin:sketch"

generate car {
    use      sketch
    prompt   "drawing of a car"
    size     64x64
    steps    2
    seed     1
}

sweep table over car {
    guidance in [2, 5, 9]
    seed     in 1..8
}
`;

export interface ShareReport {
    readonly killed: number;
    readonly alone: Contents;
    readonly shared: Contents;
    readonly record: RunRecord;
    /** Claims that were taken over. */
    readonly takenOver: number;
}

/** Runs the sweep alone, then shared by several processes of which some are killed, then started again. */
export function killWorkers(workers: number, kills: number, random: () => number): Promise<ShareReport> {
    return withBuiltCli(async (run, folders) => {
        const [alone, shared] = folders;
        for (const folder of folders) writeFileSync(join(folder, 'table.sdspec'), SPEC);
        const make = (cwd: string, options: readonly string[], kill?: Kill) =>
            run(cwd, ['run', 'table.sdspec', 'table', '--device', 'cpu', '--threads', '1', ...options], kill);
        const share = (k: number) => ['--shard', `${k + 1}/${workers}`];
        const started = performance.now();
        await finished(make(alone, []));
        const seconds = (performance.now() - started) / 1000;
        const ends = await Promise.all(
            Array.from({ length: workers }, (_, k) =>
                make(shared, share(k), k < kills ? { seconds: seconds * (0.3 + 1.2 * random()) } : undefined),
            ),
        );
        // As an engine does with what was lost.
        await finished(make(shared, share(0)));
        const folder = runFolder(shared, 'table');
        const [head] = readdirSync(join(folder, 'shards'));
        const claims = readdirSync(join(folder, 'shards', head!, 'claims'));
        return {
            killed: ends.filter((end) => end === 'killed').length,
            alone: picturesIn(runFolder(alone, 'table')),
            shared: picturesIn(folder),
            record: JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8')) as RunRecord,
            takenOver: claims.filter((name) => /\.g[2-9]$/.test(name)).length,
        };
    });
}

function picturesIn(folder: string): Contents {
    const names = readdirSync(folder).filter((name) => name.endsWith('.png'));
    return contentsOf(
        folder,
        names.map((name) => join(folder, name)),
    );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
    const [workers = 6, kills = 4, seed = 1] = process.argv.slice(2).map(Number);
    const { killed, alone, shared, record, takenOver } = await killWorkers(workers, kills, randomOf(seed));
    const same = JSON.stringify(alone) === JSON.stringify(shared);
    console.log(
        `${killed} of ${workers} workers were killed, ${takenOver} claims taken over; ${record.pictures.length} pictures by ${record.workers?.length} workers; ${Object.keys(alone).length} files are ${same ? 'bitwise the same' : 'NOT the same'}.`,
    );
    process.exitCode = same ? 0 : 1;
}
