/** Colour difference CIEDE2000 (Sharma, Wu, Dalal 2005) of sRGB colours under D65: 1 is about what an eye can see. */

/** L*, a*, b*. */
export type Lab = readonly [number, number, number];

/** sRGB, 0…255 per channel and not necessarily whole, to CIE L*a*b* (D65, 2 degrees). */
export function labOf(r: number, g: number, b: number): Lab {
    const [red, green, blue] = [linear(r), linear(g), linear(b)];
    const x = response((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
    const y = response(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
    const z = response((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function linear(level: number): number {
    const value = level / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function response(value: number): number {
    return value > 216 / 24389 ? Math.cbrt(value) : (24389 / 27 / 116) * value + 16 / 116;
}

/** The difference of two colours with all weights 1. Tested against the 34 pairs of the paper's table. */
export function deltaE2000([l1, a1, b1]: Lab, [l2, a2, b2]: Lab): number {
    const chroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
    const g = 0.5 * (1 - Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7)));
    const [x1, x2] = [a1 * (1 + g), a2 * (1 + g)];
    const [c1, c2] = [Math.hypot(x1, b1), Math.hypot(x2, b2)];
    const [h1, h2] = [hue(x1, b1), hue(x2, b2)];
    const grey = c1 * c2 === 0;
    const turn = h2 - h1;
    const dh = grey ? 0 : turn > 180 ? turn - 360 : turn < -180 ? turn + 360 : turn;
    const [dl, dc, dH] = [l2 - l1, c2 - c1, 2 * Math.sqrt(c1 * c2) * Math.sin(radians(dh) / 2)];
    const [l, c] = [(l1 + l2) / 2, (c1 + c2) / 2];
    const sum = h1 + h2;
    const h = grey ? sum : Math.abs(turn) <= 180 ? sum / 2 : sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
    const t =
        1 -
        0.17 * Math.cos(radians(h - 30)) +
        0.24 * Math.cos(radians(2 * h)) +
        0.32 * Math.cos(radians(3 * h + 6)) -
        0.2 * Math.cos(radians(4 * h - 63));
    const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
    const sc = 1 + 0.045 * c;
    const sh = 1 + 0.015 * c * t;
    const rotation = 60 * Math.exp(-(((h - 275) / 25) ** 2));
    const rt = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * Math.sin(radians(rotation));
    return Math.sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dH / sh) ** 2 + rt * (dc / sc) * (dH / sh));
}

/** Degrees in 0…360. */
function hue(a: number, b: number): number {
    if (a === 0 && b === 0) return 0;
    const degrees = (Math.atan2(b, a) * 180) / Math.PI;
    return degrees < 0 ? degrees + 360 : degrees;
}

function radians(degrees: number): number {
    return (degrees * Math.PI) / 180;
}
