/** Claims on pictures: `claims/<picture>.g1` with the worker's id, never changed; who takes over a dead worker's makes g2. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOnce } from '../../write-whole.ts';
import { claimsFolder, namesIn } from './shard-folder.ts';

export interface HeldClaim {
    /** How many workers have claimed it so far. */
    readonly generation: number;
    readonly worker: string;
}

/** The latest claim on each id. */
export function readClaims(shard: string): ReadonlyMap<string, HeldClaim> {
    const folder = claimsFolder(shard);
    const latest = new Map<string, number>();
    for (const name of namesIn(folder)) {
        const [, id, generation] = /^(\w+)\.g(\d+)$/.exec(name) ?? [];
        if (id !== undefined) latest.set(id, Math.max(latest.get(id) ?? 0, Number(generation)));
    }
    return new Map(
        [...latest].map(([id, generation]) => [
            id,
            { generation, worker: ownerOf(join(folder, `${id}.g${generation}`)) },
        ]),
    );
}

/** Claims an id after the generations that are there; false where another worker was faster. */
export function takeClaim(shard: string, id: string, after: HeldClaim | undefined, worker: string): Promise<boolean> {
    return writeOnce(join(claimsFolder(shard), `${id}.g${(after?.generation ?? 0) + 1}`), worker);
}

function ownerOf(file: string): string {
    try {
        return readFileSync(file, 'utf8').trim();
    } catch {
        return '';
    }
}
