/** Amounts in words, the same on the command line and in the editor: counts, bytes, times. */

/** 1 200 pictures, with a thin space between thousands. */
export function count(n: number, one: string, many = `${one}s`): string {
    return `${n.toString().replace(/\B(?=(\d{3})+$)/g, '\u202f')} ${n === 1 ? one : many}`;
}

/** 812 kB, 34 MB, 3.4 GB. */
export function sizeWords(bytes: number): string {
    if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
    return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** 43 s, 2 min 5 s, 1 h 20 min. */
export function timeWords(seconds: number): string {
    const whole = Math.round(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
