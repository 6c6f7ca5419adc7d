/** Digests: canonical JSON → sha256, the name of a piece of work. */

/**
 * JSON with sorted keys, no white space and no undefined members: equal data, equal text. Numbers must be finite; -0 is
 * written as 0.
 */
export function canonicalJson(value: unknown): string {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`A plan holds the number ${value}.`);
    if (value === null || typeof value !== 'object') return JSON.stringify(value === 0 ? 0 : value);
    if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
    const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
}

/** sha256 of the canonical JSON, 64 hex digits. Plain TypeScript, so that it is the same, and synchronous, in a browser. */
export function digest(value: unknown): string {
    return sha256(new TextEncoder().encode(canonicalJson(value)));
}

const K = primes(64).map((p) => fraction(Math.cbrt(p)));
const H = primes(8).map((p) => fraction(Math.sqrt(p)));

/** SHA-256 (FIPS 180-4) of some bytes, as hex. */
export function sha256(bytes: Uint8Array): string {
    const padded = new Uint8Array((((bytes.length + 8) >> 6) + 1) << 6);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
    const hash = Uint32Array.from(H);
    const w = new Uint32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
        for (let i = 0; i < 16; i++) w[i] = view.getUint32(block + 4 * i);
        for (let i = 16; i < 64; i++) {
            const a = w[i - 15]!;
            const b = w[i - 2]!;
            const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
            const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
            w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
        }
        compress(hash, w);
    }
    return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
}

function compress(hash: Uint32Array, w: Uint32Array): void {
    let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
        const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) >>> 0;
        const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
        hash[i]! += word;
    });
}

function rotate(word: number, by: number): number {
    return (word >>> by) | (word << (32 - by));
}

function fraction(x: number): number {
    return ((x - Math.floor(x)) * 0x100000000) >>> 0;
}

function primes(count: number): number[] {
    const found: number[] = [];
    for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
    return found;
}
