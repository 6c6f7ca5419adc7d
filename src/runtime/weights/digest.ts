/** SHA-256 of files, kept as long as size and modification time stay the same. */
import { statSync } from 'node:fs';
import { hashOfFile } from '../file-hash.ts';

const known = new Map<string, { readonly stamp: string; readonly digest: Promise<string> }>();

/** The SHA-256 of a file in hexadecimal. */
export function fileDigest(file: string): Promise<string> {
    const status = statSync(file);
    const stamp = `${status.size} ${status.mtimeMs}`;
    const entry = known.get(file);
    if (entry?.stamp === stamp) return entry.digest;
    const digest = hashOfFile(file);
    known.set(file, { stamp, digest });
    digest.catch(() => known.delete(file));
    return digest;
}
