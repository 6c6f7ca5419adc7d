/** A claim on a folder: two processes never write the same download. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withClaim } from '../claim.ts';
import { HubError } from './hub-error.ts';

/** Does the work while the folder is claimed. Throws `HubError` where another process downloads there. */
export async function claimed<Result>(folder: string, what: string, work: () => Promise<Result>): Promise<Result> {
    mkdirSync(folder, { recursive: true });
    const busy = (owner: number) => {
        const message = `${what} is being downloaded already, by process ${owner}. Wait for it, or stop it first.`;
        return new HubError('hub/locked', message);
    };
    return withClaim(join(folder, '.sdspec-fetch'), { waitMs: 0, busy }, work);
}
