/** SHA-256 of files, kept as long as size and modification time stay the same. */
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';

const known = new Map<string, { readonly stamp: string; readonly digest: Promise<string> }>();

/** The SHA-256 of a file in hexadecimal. */
export function fileDigest(file: string): Promise<string> {
    const status = statSync(file);
    const stamp = `${status.size} ${status.mtimeMs}`;
    const entry = known.get(file);
    if (entry?.stamp === stamp) return entry.digest;
    const digest = hash(file);
    known.set(file, { stamp, digest });
    digest.catch(() => known.delete(file));
    return digest;
}

async function hash(file: string): Promise<string> {
    const sha256 = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 })) sha256.update(chunk);
    return sha256.digest('hex');
}
