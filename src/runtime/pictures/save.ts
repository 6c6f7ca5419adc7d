/** PNG files that carry texts, such as their plan and the parameters that other tools read. */
import sharp from 'sharp';
import { writeWhole } from '../write-whole.ts';
import type { Rgb } from './picture.ts';
import { withTexts } from './png-text.ts';

/** Texts by keyword. sdspec writes `parameters` (see `parametersText`) and `sdspec` (JSON). */
export type TextsByKeyword = Readonly<Record<string, string>>;

/** The bytes of a PNG file; the same picture and texts give the same bytes with one version of the encoder. */
export async function encodePng({ width, height, data }: Rgb, texts: TextsByKeyword = {}): Promise<Buffer> {
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png({ compressionLevel: 6, adaptiveFiltering: true })
        .toBuffer();
    return withTexts(png, texts);
}

/** Whole or not at all, as `writeWhole` writes. */
export async function savePng(path: string, picture: Rgb, texts: TextsByKeyword = {}): Promise<void> {
    await writeWhole(path, await encodePng(picture, texts));
}
