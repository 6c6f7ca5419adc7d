/** The drawing of a layer scan as a file for talks and papers: SVG with its pictures inside, and PNG. */
import { escaped } from '../../../../plan/formats/markup.ts';
import { CAPTION, type Drawing, type Tile } from './network.ts';

/** Colours on white paper, whatever the editor's theme. */
const PAPER = {
    ground: '#ffffff',
    text: '#1b1f24',
    quiet: '#57606a',
    line: '#8c959f',
    skip: '#b6bec7',
    bar: '#b5530a',
    empty: '#e4e7eb',
} as const;
const FONT = 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif';
/** Pixels of a PNG per unit of the drawing. */
const FINE = 2;

export interface ExportParts {
    readonly drawing: Drawing;
    readonly title: string;
    /** What is below a picture's label. */
    readonly note: (tile: Tile) => string;
    /** The picture of a cell; undefined where there is none yet. */
    readonly address: (cell: number) => string | undefined;
}

const HEAD = 30;

/** The strength of the frame around a picture, in units of the drawing. */
export function frameOf({ share = 0 }: Pick<Tile, 'share'>): number {
    return 1 + 5 * share;
}

export async function svgFile(parts: ExportParts): Promise<string> {
    const { drawing, title, note, address } = parts;
    const { width, height, tile } = drawing;
    const pictures = new Map<number, string>();
    for (const { cell } of drawing.tiles) {
        const src = address(cell);
        if (src) pictures.set(cell, await dataAddress(src));
    }
    const line = (points: readonly { readonly x: number; readonly y: number }[]) =>
        points.map(({ x, y }) => `${x},${y + HEAD}`).join(' ');
    const shapes = [
        `<rect width="${width}" height="${height + HEAD}" fill="${PAPER.ground}"/>`,
        words(title, width / 2, 20, { size: 15, anchor: 'middle', weight: 600 }),
        ...drawing.lines.map(
            ({ kind, points }) =>
                `<polyline points="${line(points)}" fill="none" stroke="${kind === 'skip' ? PAPER.skip : PAPER.line}" stroke-width="2"${kind === 'skip' ? ' stroke-dasharray="5 5"' : ''}/>`,
        ),
        ...drawing.ghosts.map(
            ({ x, y, width: wide, height: high, name }) =>
                `<rect x="${x}" y="${y + HEAD}" width="${wide}" height="${high}" rx="3" fill="${PAPER.ground}" stroke="${PAPER.line}"/>` +
                words(name, x + wide / 2, y + HEAD + high / 2 + 4, { anchor: 'middle', color: PAPER.quiet }),
        ),
        ...drawing.tiles.map((one) => {
            const [x, y] = [one.x, one.y + HEAD];
            const frame = frameOf(one);
            const src = pictures.get(one.cell);
            return [
                `<rect x="${x - frame / 2}" y="${y - frame / 2}" width="${tile.width + frame}" height="${tile.height + frame}" fill="${PAPER.empty}" stroke="${one.share ? PAPER.bar : PAPER.line}" stroke-width="${frame}"/>`,
                src ? `<image x="${x}" y="${y}" width="${tile.width}" height="${tile.height}" href="${src}"/>` : '',
                words(one.label, x, y + tile.height + 18, { weight: 600 }),
                words(note(one), x + tile.width, y + tile.height + 18, {
                    anchor: 'end',
                    color: PAPER.quiet,
                    size: 11.5,
                }),
                one.share === undefined
                    ? ''
                    : `<rect x="${x}" y="${y + tile.height + 25}" width="${tile.width}" height="5" fill="${PAPER.empty}"/><rect x="${x}" y="${y + tile.height + 25}" width="${tile.width * one.share}" height="5" fill="${PAPER.bar}"/>`,
            ].join('');
        }),
    ];
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + HEAD}" width="${width}" height="${height + HEAD}" font-family='${FONT}'>\n<title>${escaped(title)}</title>\n${shapes.join('\n')}\n</svg>\n`;
}

export async function pngFile({ drawing, title, note, address }: ExportParts): Promise<Uint8Array> {
    const { width, height, tile } = drawing;
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(width * FINE);
    canvas.height = Math.round((height + HEAD) * FINE);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('This browser draws no pictures.');
    context.scale(FINE, FINE);
    context.fillStyle = PAPER.ground;
    context.fillRect(0, 0, width, height + HEAD);
    const write = (
        text: string,
        x: number,
        y: number,
        { size = 13, color = PAPER.text as string, anchor = 'start', weight = 400 }: Style = {},
    ) => {
        context.font = `${weight} ${size}px ${FONT}`;
        context.fillStyle = color;
        context.textAlign = anchor === 'middle' ? 'center' : anchor;
        context.fillText(text, x, y);
    };
    write(title, width / 2, 20, { size: 15, anchor: 'middle', weight: 600 });
    for (const { kind, points } of drawing.lines) {
        context.strokeStyle = kind === 'skip' ? PAPER.skip : PAPER.line;
        context.lineWidth = 2;
        context.setLineDash(kind === 'skip' ? [5, 5] : []);
        context.beginPath();
        for (const { x, y } of points) context.lineTo(x, y + HEAD);
        context.stroke();
    }
    context.setLineDash([]);
    for (const { x, y, width: wide, height: high, name } of drawing.ghosts) {
        context.fillStyle = PAPER.ground;
        context.fillRect(x, y + HEAD, wide, high);
        context.strokeStyle = PAPER.line;
        context.lineWidth = 1;
        context.strokeRect(x, y + HEAD, wide, high);
        write(name, x + wide / 2, y + HEAD + high / 2 + 4, { anchor: 'middle', color: PAPER.quiet });
    }
    for (const one of drawing.tiles) {
        const [x, y] = [one.x, one.y + HEAD];
        const frame = frameOf(one);
        context.fillStyle = one.share ? PAPER.bar : PAPER.line;
        context.fillRect(x - frame, y - frame, tile.width + 2 * frame, tile.height + 2 * frame);
        context.fillStyle = PAPER.empty;
        context.fillRect(x, y, tile.width, tile.height);
        const src = address(one.cell);
        if (src) context.drawImage(await createImageBitmap(await bytesOf(src)), x, y, tile.width, tile.height);
        write(one.label, x, y + tile.height + 18, { weight: 600 });
        write(note(one), x + tile.width, y + tile.height + 18, { anchor: 'end', color: PAPER.quiet, size: 11.5 });
        if (one.share === undefined) continue;
        context.fillStyle = PAPER.empty;
        context.fillRect(x, y + tile.height + CAPTION - 11, tile.width, 5);
        context.fillStyle = PAPER.bar;
        context.fillRect(x, y + tile.height + CAPTION - 11, tile.width * one.share, 5);
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('The picture is too large to be drawn.');
    return new Uint8Array(await blob.arrayBuffer());
}

interface Style {
    readonly size?: number;
    readonly color?: string;
    readonly anchor?: 'start' | 'middle' | 'end';
    readonly weight?: number;
}

function words(text: string, x: number, y: number, style: Style = {}): string {
    const { size = 13, color = PAPER.text, anchor = 'start', weight = 400 } = style;
    return `<text x="${x}" y="${y}" font-size="${size}" fill="${color}" text-anchor="${anchor}" font-weight="${weight}">${escaped(text)}</text>`;
}

async function bytesOf(src: string): Promise<Blob> {
    return (await fetch(src)).blob();
}

async function dataAddress(src: string): Promise<string> {
    const bytes = new Uint8Array(await (await bytesOf(src)).arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return `data:image/png;base64,${btoa(text)}`;
}
