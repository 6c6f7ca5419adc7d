/** Paper: a picture fitted to a sheet, and the files that print shops take, with density, profile and source mark. */
import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { type Paper, paperPixels } from '../../../plan/prints/print.ts';
import { draw, PictureError, plain, type Rgb } from '../picture.ts';
import { contain, cover } from '../resize.ts';

const WHITE = [255, 255, 255] as const;

/** The sheet with its bleed: covered by the picture, or the picture in its middle on white. */
export function onPaper(picture: Rgb, paper: Paper): Rgb {
    const { sheet, trimmed } = paperPixels(paper);
    if (paper.fit === 'cover') return cover(picture, sheet.width, sheet.height);
    const fitted = contain(picture, trimmed.width, trimmed.height);
    const page = plain(sheet.width, sheet.height, WHITE);
    draw(page, fitted, Math.floor((sheet.width - fitted.width) / 2), Math.floor((sheet.height - fitted.height) / 2));
    return page;
}

/** How a picture came about, in the words of IPTC's vocabulary (cv.iptc.org/newscodes/digitalsourcetype). */
export type DigitalSource =
    /** Made by a model from words. */
    | 'trainedAlgorithmicMedia'
    /** Made by a model from other pictures. */
    | 'compositeWithTrainedAlgorithmicMedia'
    /** A picture that was only enlarged by a model. */
    | 'algorithmicallyEnhanced';

/** The XMP packet that marks a synthetic picture (IPTC Photo Metadata, Digital Source Type). */
function sourceMark(source: DigitalSource): string {
    return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/${source}</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;
}

export interface SheetMarks {
    readonly dpi: number;
    readonly source: DigitalSource;
}

/** A PNG with density, sRGB profile and source mark. */
export async function sheetPng(sheet: Rgb, marks: SheetMarks): Promise<Buffer> {
    return marked(raw(sheet), marks)
        .withIccProfile('srgb')
        .png({ compressionLevel: 6, adaptiveFiltering: true })
        .toBuffer();
}

/** A TIFF in sRGB, compressed without loss. */
export async function sheetTiff(sheet: Rgb, marks: SheetMarks): Promise<Buffer> {
    return tiff(marked(raw(sheet), marks).withIccProfile('srgb'), sheet, marks).toBuffer();
}

/** A TIFF in the colours of a CMYK profile, given by its file. */
export async function sheetCmyk(sheet: Rgb, marks: SheetMarks, profile: string): Promise<Buffer> {
    await requireCmyk(profile);
    // The profile comes last: metadata set after it would bring sRGB back without a word.
    return tiff(marked(raw(sheet), marks).withIccProfile(profile), sheet, marks).toBuffer();
}

/** The bytes of the sheet in CMYK, four per pixel, and of the profile, for a PDF. */
export async function cmykPixels(sheet: Rgb, profile: string): Promise<Buffer> {
    await requireCmyk(profile);
    const file = await tiff(raw(sheet).withIccProfile(profile), sheet, { dpi: 72 }).toBuffer();
    return sharp(file, { limitInputPixels: false }).toColourspace('cmyk').raw().toBuffer();
}

/** Refuses profiles that are none of CMYK: bytes 16 to 19 of an ICC profile name its colours. */
async function requireCmyk(profile: string): Promise<void> {
    const bytes = await readFile(profile).catch((cause: unknown) => {
        throw new PictureError('picture/missing', `There is no colour profile at ${profile}.`, { cause });
    });
    const isProfile = bytes.length > 128 && bytes.toString('latin1', 36, 40) === 'acsp';
    const colours = isProfile ? bytes.toString('latin1', 16, 20).trim() : '';
    if (colours === 'CMYK') return;
    const found = isProfile ? `a profile of ${colours}` : 'no ICC profile';
    throw new PictureError(
        'picture/unreadable',
        `${profile} is ${found}: name the CMYK profile (.icc) of your print shop.`,
    );
}

/** The profile of sRGB, as it is written into the files. */
export async function srgbProfile(): Promise<Buffer> {
    const png = await sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } })
        .withIccProfile('srgb')
        .png()
        .toBuffer();
    const { icc } = await sharp(png).metadata();
    if (!icc) throw new Error('sharp wrote no sRGB profile.');
    return icc;
}

function raw({ width, height, data }: Rgb): Sharp {
    return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}

function marked(image: Sharp, { dpi, source }: SheetMarks): Sharp {
    return image.withMetadata({ density: dpi }).withXmp(sourceMark(source));
}

/** Beyond two gigabytes of pixels a TIFF needs offsets of 64 bits. */
function tiff(image: Sharp, { width, height }: Rgb, { dpi }: Pick<SheetMarks, 'dpi'>): Sharp {
    const perMillimetre = dpi / 25.4;
    return image.tiff({
        compression: 'deflate',
        predictor: 'horizontal',
        xres: perMillimetre,
        yres: perMillimetre,
        resolutionUnit: 'inch',
        bigtiff: width * height * 4 > 2 ** 31,
    });
}
