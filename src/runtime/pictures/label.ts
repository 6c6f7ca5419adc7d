/** Labels: text as ink on paper, in the system's sans-serif font or, where there is none, in a bitmap font. */
import sharp from 'sharp';
import { escaped } from '../../plan/formats/markup.ts';
import { bitmapText } from './font.ts';
import type { Plane, Rgb } from './picture.ts';

export interface LabelOptions {
    /** Height of the letters' line in pixels. */
    readonly size: number;
    /** Lines are broken to stay within this width. */
    readonly width: number;
    /** `bitmap` draws with the built-in font even where the system has fonts. */
    readonly font?: 'system' | 'bitmap';
}

/** How much ink is on each pixel, 0 … 1; empty text is one empty line. */
export async function label(text: string, options: LabelOptions): Promise<Plane> {
    if (text.trim() === '') return { width: 1, height: options.size, data: new Float32Array(options.size) };
    if (options.font !== 'bitmap' && (await hasFonts())) return systemText(text, options);
    const scale = Math.max(1, Math.round(options.size / 12));
    return bitmapText(wrappedLines(text, Math.max(4, Math.floor(options.width / (6 * scale)))), scale);
}

/** Blackens the picture under the ink, in place; what is outside is cut off. */
export function print(onto: Rgb, { width, height, data }: Plane, left: number, top: number): void {
    for (let y = Math.max(0, -top); y < Math.min(height, onto.height - top); y++) {
        for (let x = Math.max(0, -left); x < Math.min(width, onto.width - left); x++) {
            const paper = 1 - 0.87 * data[y * width + x]!;
            const p = ((top + y) * onto.width + left + x) * 3;
            for (let c = p; c < p + 3; c++) onto.data[c] = Math.round(onto.data[c]! * paper);
        }
    }
}

async function systemText(text: string, { size, width }: LabelOptions): Promise<Plane> {
    const { data, info } = await sharp({
        text: {
            text: escaped(text),
            font: `sans ${Math.round(size * 0.75)}`,
            dpi: 72,
            width,
            wrap: 'word-char',
            rgba: true,
        },
    })
        .raw()
        .toBuffer({ resolveWithObject: true });
    const ink = Float32Array.from({ length: info.width * info.height }, (_, i) => data[4 * i + 3]! / 255);
    return { width: info.width, height: info.height, data: ink };
}

/** Without fonts all letters come out alike, or not at all. */
function hasFonts(): Promise<boolean> {
    fonts ??= Promise.all(['i', 'W'].map((text) => systemText(text, { size: 32, width: 100 })))
        .then(([i, W]) => W!.width > i!.width * 1.5)
        .catch(() => false);
    return fonts;
}

let fonts: Promise<boolean> | undefined;

/** Lines of at most `length` characters, broken between words where possible. */
function wrappedLines(text: string, length: number): string[] {
    return text.split('\n').flatMap((paragraph) => {
        const lines: string[] = [];
        let line = '';
        for (const word of paragraph.split(/\s+/)) {
            const joined = line ? `${line} ${word}` : word;
            if (joined.length <= length) {
                line = joined;
                continue;
            }
            if (line) lines.push(line);
            line = word;
            for (; line.length > length; line = line.slice(length)) lines.push(line.slice(0, length));
        }
        return [...lines, line];
    });
}
