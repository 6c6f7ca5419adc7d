/** A mosaic as a deep-zoom folder: the pyramid, and a page that shows it in any browser, offline. */
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escaped } from '../../plan/formats/markup.ts';
import { levelSize, type MosaicPlan, wholeLevels } from '../../plan/mosaic/mosaic.ts';
import type { Rgb } from '../pictures/picture.ts';
import { crop, draw } from '../pictures/picture.ts';
import { blank } from './flat.ts';
import type { Levels } from './levels.ts';
import { type PyramidSource, writePyramid } from './pyramid.ts';

export interface DeepZoom {
    /** Relative to the run's folder. */
    readonly folder: string;
    readonly page: string;
    readonly width: number;
    readonly height: number;
    /** Pixels of a side of the pyramid's tiles. */
    readonly tile: number;
    /** Levels of the mosaic that it shows. */
    readonly levels: number;
}

/** OpenSeadragon's script and its licence, as files. */
export interface ViewerFiles {
    readonly script: string;
    readonly licence: string;
}

const FOLDER = 'deepzoom';
const NAME = 'mosaic';
/** Pixels of the pyramid's tiles, where those of the mosaic do not fit into them evenly. */
const TILE = 512;

/** Writes `deepzoom/` into the run's folder: whole, or what was there before stays. */
export async function writeDeepZoom(
    run: { readonly folder: string; readonly title: string },
    mosaic: MosaicPlan,
    levels: Levels,
    viewer: ViewerFiles,
    done: (share: number) => void,
    signal: AbortSignal,
): Promise<DeepZoom> {
    const shown = wholeLevels(mosaic);
    const source = sourceOf(mosaic, levels, shown);
    const part = join(run.folder, `${FOLDER}.part`);
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true });
    await writePyramid(part, NAME, source, done, signal);
    await writeFile(join(part, 'index.html'), viewerPage(run.title, source));
    await copyFile(viewer.script, join(part, 'openseadragon.min.js'));
    await copyFile(viewer.licence, join(part, 'openseadragon.LICENSE.txt'));
    await rm(join(run.folder, FOLDER), { recursive: true, force: true });
    await rename(part, join(run.folder, FOLDER));
    const { width, height, tile } = source;
    return { folder: FOLDER, page: `${FOLDER}/index.html`, width, height, tile, levels: shown };
}

function sourceOf(mosaic: MosaicPlan, levels: Levels, level: number): PyramidSource {
    const { width, height } = mosaic.tiles.size;
    const fits = width === height && width % 2 === 0 && width <= TILE;
    return {
        ...levelSize(mosaic.grid, mosaic.tiles.size, level),
        tile: fits ? Math.floor(TILE / width) * width : TILE,
        async region(x, y, wide, high): Promise<Rgb> {
            const part = blank(wide, high);
            for (let row = Math.floor(y / height); row * height < y + high; row++) {
                for (let column = Math.floor(x / width); column * width < x + wide; column++) {
                    const tile = await levels.placed(level, { column, row });
                    const [left, top] = [Math.max(0, x - column * width), Math.max(0, y - row * height)];
                    const seen = crop(tile, left, top, width - left, height - top);
                    draw(part, seen, Math.max(0, column * width - x), Math.max(0, row * height - y));
                }
            }
            return part;
        },
    };
}

/** The page needs no server: tiles are images, and what the descriptor says is in it. */
function viewerPage(title: string, { width, height, tile }: PyramidSource): string {
    const source = {
        Image: {
            xmlns: 'http://schemas.microsoft.com/deepzoom/2008',
            Url: `${NAME}_files/`,
            Format: 'jpg',
            Overlap: '0',
            TileSize: String(tile),
            Size: { Width: String(width), Height: String(height) },
        },
    };
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
html, body { margin: 0; height: 100%; background: #111; color: #ddd; font: 14px/1.4 system-ui, sans-serif; }
#picture { position: fixed; inset: 0; }
p { position: fixed; left: 12px; bottom: 8px; margin: 0; padding: 2px 8px; border-radius: 6px; background: #0009; }
</style>
</head>
<body>
<div id="picture" role="img" aria-label="${escaped(title)}"></div>
<p>${escaped(title)} · ${width}×${height} pixels · wheel or + and - zoom, drag or arrow keys move, 0 shows all</p>
<script src="openseadragon.min.js"></script>
<script>
OpenSeadragon({
    id: 'picture', drawer: 'canvas', showNavigationControl: false, showNavigator: true, maxZoomPixelRatio: 8,
    tileSources: ${JSON.stringify(source)},
});
</script>
</body>
</html>
`;
}
