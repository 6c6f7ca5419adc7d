/** Crop marks: a PDF with the sheet, its bleed and the lines along which it is cut (ISO 32000-1). */
import { deflateSync } from 'node:zlib';
import { type Paper, paperPixels } from '../../../plan/prints/print.ts';

/** The sheet with its bleed, row by row: RGB or CMYK, and the ICC profile of these colours. */
export interface PdfSheet {
    readonly pixels: Uint8Array;
    readonly channels: 3 | 4;
    readonly profile: Uint8Array;
    readonly title: string;
}

const POINTS_PER_INCH = 72;
/** Points around the sheet in which the marks are: 12 mm. */
const AROUND = 34;
/** Marks begin at least 3 mm beyond the trimmed edge and are 6 mm long. */
const DISTANCE = 8.5;
const LENGTH = 17;

/** The bytes of a PDF whose boxes name bleed and trim, with crop marks at the four corners. */
export function cropMarksPdf(paper: Paper, sheet: PdfSheet): Buffer {
    const { trimmed, sheet: size, bleed } = paperPixels(paper);
    const points = (pixels: number) => (pixels / paper.dpi) * POINTS_PER_INCH;
    const [width, height, edge] = [points(size.width), points(size.height), points(bleed)];
    const left = AROUND + edge;
    const bottom = AROUND + edge;
    const [right, top] = [left + points(trimmed.width), bottom + points(trimmed.height)];
    const away = Math.max(DISTANCE, edge + 2);
    const box = (...values: number[]) => `[${values.map(figure).join(' ')}]`;
    const lines = [left, right].flatMap((x) => [
        line(x, bottom - away, x, bottom - away - LENGTH),
        line(x, top + away, x, top + away + LENGTH),
    ]);
    const across = [bottom, top].flatMap((y) => [
        line(left - away, y, left - away - LENGTH, y),
        line(right + away, y, right + away + LENGTH, y),
    ]);
    // All four inks, so that the marks are on every plate.
    const content = `q ${figure(width)} 0 0 ${figure(height)} ${AROUND} ${AROUND} cm /Sheet Do Q\n1 1 1 1 K 0.25 w\n${[...lines, ...across].join('\n')}\n`;
    const colours = sheet.channels === 3 ? 'RGB' : 'CMYK';
    return pdfOf([
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        `<< /Type /Page /Parent 2 0 R /MediaBox ${box(0, 0, width + 2 * AROUND, height + 2 * AROUND)} /BleedBox ${box(AROUND, AROUND, AROUND + width, AROUND + height)} /TrimBox ${box(left, bottom, right, top)} /Resources << /XObject << /Sheet 5 0 R >> >> /Contents 4 0 R >>`,
        stream('', Buffer.from(content, 'latin1')),
        stream(
            `/Type /XObject /Subtype /Image /Width ${size.width} /Height ${size.height} /BitsPerComponent 8 /ColorSpace [/ICCBased 6 0 R]`,
            sheet.pixels,
        ),
        stream(`/N ${sheet.channels} /Alternate /Device${colours}`, sheet.profile),
        `<< /Title ${text(sheet.title)} /Producer (sdspec) >>`,
    ]);
}

function line(x0: number, y0: number, x1: number, y1: number): string {
    return `${figure(x0)} ${figure(y0)} m ${figure(x1)} ${figure(y1)} l S`;
}

function figure(value: number): string {
    return String(Math.round(value * 1000) / 1000);
}

/** A string that any title fits into: UTF-16 in hexadecimal digits. */
function text(value: string): string {
    const bytes = Buffer.from(`\uFEFF${value}`, 'utf16le').swap16();
    return `<${bytes.toString('hex')}>`;
}

function stream(entries: string, bytes: Uint8Array): Buffer {
    const packed = deflateSync(bytes, { level: 6 });
    return Buffer.concat([
        Buffer.from(`<< ${entries} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`, 'latin1'),
        packed,
        Buffer.from('\nendstream', 'latin1'),
    ]);
}

/** Objects numbered from 1; the first is the catalogue, the last the information. */
function pdfOf(objects: readonly (string | Buffer)[]): Buffer {
    const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')];
    let length = parts[0]!.length;
    const offsets: number[] = [];
    const add = (part: Buffer) => {
        parts.push(part);
        length += part.length;
    };
    for (const [index, object] of objects.entries()) {
        offsets.push(length);
        add(Buffer.from(`${index + 1} 0 obj\n`, 'latin1'));
        add(typeof object === 'string' ? Buffer.from(object, 'latin1') : object);
        add(Buffer.from('\nendobj\n', 'latin1'));
    }
    const start = length;
    const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
    const size = objects.length + 1;
    add(
        Buffer.from(
            `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${start}\n%%EOF\n`,
            'latin1',
        ),
    );
    return Buffer.concat(parts);
}
