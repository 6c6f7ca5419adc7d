/** A picture as a pyramid of tiles, each half as fine as the one below, cut when they are asked for. */

/** Pixels of a tile's side. */
export const TILE = 512;
/** Milliseconds of cutting before the page gets its turn. */
const SLICE = 8;

export type PyramidTile = CanvasRenderingContext2D;

export class Pyramid {
    readonly width: number;
    readonly height: number;
    /** The level of full size; level 0 is a single pixel. */
    readonly top: number;
    private readonly bitmap: ImageBitmap;
    private readonly kept = new Map<string, Promise<PyramidTile>>();
    private since = 0;

    constructor(bitmap: ImageBitmap) {
        this.bitmap = bitmap;
        this.width = bitmap.width;
        this.height = bitmap.height;
        this.top = Math.ceil(Math.log2(Math.max(bitmap.width, bitmap.height)));
    }

    /** A tile of at most TILE pixels a side, which is the caller's own. */
    async tile(level: number, column: number, row: number): Promise<PyramidTile> {
        if (level >= this.top) return this.cut(level, column, row);
        const { canvas } = await this.part(level, column, row);
        const copy = blank(canvas.width, canvas.height);
        copy.drawImage(canvas, 0, 0);
        return copy;
    }

    close(): void {
        this.bitmap.close();
        this.kept.clear();
    }

    /** Tiles that coarser ones are made of: a third of the picture in all. */
    private part(level: number, column: number, row: number): Promise<PyramidTile> {
        const name = `${level}/${column}/${row}`;
        const found = this.kept.get(name) ?? this.cut(level, column, row);
        this.kept.set(name, found);
        return found;
    }

    private async cut(level: number, column: number, row: number): Promise<PyramidTile> {
        const shrink = 2 ** (this.top - level);
        const [x, y] = [column * TILE * shrink, row * TILE * shrink];
        const [width, height] = [Math.min(TILE * shrink, this.width - x), Math.min(TILE * shrink, this.height - y)];
        const tile = blank(Math.ceil(width / shrink), Math.ceil(height / shrink));
        const { canvas } = tile;
        if (shrink <= 2) {
            await this.turn();
            tile.drawImage(this.bitmap, x, y, width, height, 0, 0, canvas.width, canvas.height);
            return tile;
        }
        // Halves of halves: each a mean of four pixels, so that nothing is skipped and fine patterns don't shimmer.
        for (const [right, down] of [
            [0, 0],
            [1, 0],
            [0, 1],
            [1, 1],
        ] as const) {
            if (x + (right * TILE * shrink) / 2 >= this.width || y + (down * TILE * shrink) / 2 >= this.height)
                continue;
            const { canvas: part } = await this.part(level + 1, 2 * column + right, 2 * row + down);
            await this.turn();
            tile.drawImage(part, (right * TILE) / 2, (down * TILE) / 2, part.width / 2, part.height / 2);
        }
        return tile;
    }

    /** Leaves the page its turn where cutting took long. */
    private async turn(): Promise<void> {
        if (performance.now() - this.since < SLICE) return;
        await new Promise((resolve) => setTimeout(resolve));
        this.since = performance.now();
    }
}

function blank(width: number, height: number): PyramidTile {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const tile = canvas.getContext('2d');
    if (!tile) throw new Error('There is no memory for the picture.');
    return tile;
}
