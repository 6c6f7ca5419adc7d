/**
 * The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded as `init_genrand` does. torch's CPU generator and
 * NumPy's RandomState draw their words from it.
 */

const N = 624;
const M = 397;

/** A generator of 32-bit words; the seed is an unsigned 32-bit number. */
export function mersenne(seed: number): () => number {
    const state = new Uint32Array(N);
    state[0] = seed;
    for (let i = 1; i < N; i++) {
        const before = state[i - 1]!;
        state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
    }
    let next = N;

    return () => {
        if (next === N) {
            twist(state);
            next = 0;
        }
        let word = state[next++]!;
        word ^= word >>> 11;
        word ^= (word << 7) & 0x9d2c5680;
        word ^= (word << 15) & 0xefc60000;
        return (word ^ (word >>> 18)) >>> 0;
    };
}

function twist(state: Uint32Array): void {
    for (let i = 0; i < N; i++) {
        const joined = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
        state[i] = state[(i + M) % N]! ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    }
}
