/** The digest of a file on disk, read piece by piece: for hosts on Node. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

export async function sha256OfFile(uri: string): Promise<string | undefined> {
    try {
        const hash = createHash('sha256');
        for await (const piece of createReadStream(fileURLToPath(uri))) hash.update(piece);
        return hash.digest('hex');
    } catch {
        return undefined; // A file that vanished meanwhile has no digest; the action then does nothing.
    }
}
