/** Digests of latents, by which two runs are compared step by step. */
import { webcrypto } from 'node:crypto';

/**
 * The base64 sha256 of each picture's latents, of `[pictures, 4, h, w]` in 32-bit floats. The values are copied at once and
 * digested on a thread of Node's pool, so that the next step does not wait.
 */
export function digestLatents(latents: Float32Array, pictures: number): Promise<readonly string[]> {
    const size = latents.length / pictures;
    const digests = Array.from({ length: pictures }, async (_, k) => {
        const own = Float32Array.from(latents.subarray(k * size, (k + 1) * size));
        return Buffer.from(await webcrypto.subtle.digest('SHA-256', own)).toString('base64');
    });
    return Promise.all(digests);
}
