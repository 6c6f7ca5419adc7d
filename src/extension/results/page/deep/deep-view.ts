/** Entry of a bundle of its own, loaded with the first large picture: OpenSeadragon draws the tiles in sight. */
import OpenSeadragon from 'openseadragon';
import type { ShownPyramid } from '../../shown-run.ts';
import type { Zoom } from '../view.ts';
import { Pyramid, TILE } from './pyramid.ts';

/** A large picture in sight. */
export interface DeepView {
    /** Shows the part of the picture that a zoom of its area asks for. */
    look(zoom: Zoom): void;
    close(): void;
}

/** Screen pixels of one of the picture's from which they are drawn as squares. */
const CRISP = 2;

/** The tiles of a picture, wherever they come from. */
export interface DeepSource {
    readonly width: number;
    readonly height: number;
    readonly tiles: OpenSeadragon.TileSource;
    close(): void;
}

/** Draws a picture into an element, which it fills; closes the source with itself. Resolves when the first tiles are there. */
export async function open(element: HTMLElement, source: DeepSource): Promise<DeepView> {
    const { width, height } = source;
    const viewer = new OpenSeadragon.Viewer({
        element,
        drawer: 'canvas',
        // Wheel, pointer and keys are the area's around it, the same for every picture.
        mouseNavEnabled: false,
        keyboardNavEnabled: false,
        showNavigationControl: false,
        autoResize: false,
        animationTime: 0,
        blendTime: 0,
        immediateRender: true,
        visibilityRatio: 0,
        minZoomImageRatio: 0,
        maxZoomPixelRatio: Number.POSITIVE_INFINITY,
        minPixelRatio: 1,
    });
    let zoom: Zoom = { scale: 1, x: 0, y: 0 };
    const draw = () => {
        const [wide, high] = [element.clientWidth, element.clientHeight];
        if (!viewer.viewport || wide === 0 || high === 0) return;
        const scale = zoom.scale * Math.min(wide / width, high / height);
        // The viewport counts in widths of the picture.
        const shown = scale * width;
        viewer.viewport.resize(new OpenSeadragon.Point(wide, high), false);
        viewer.viewport.zoomTo(shown / wide, undefined, true);
        const middle = new OpenSeadragon.Point(0.5 - zoom.x / shown, (0.5 * height) / width - zoom.y / shown);
        viewer.viewport.panTo(middle, true);
        viewer.drawer.setImageSmoothingEnabled(scale < CRISP);
        viewer.forceRedraw();
    };
    const resized = new ResizeObserver(draw);
    await new Promise<void>((resolve, reject) => {
        viewer.addOnceHandler('open-failed', ({ message }) => reject(new Error(message)));
        viewer.addOnceHandler('tile-drawn', () => resolve());
        viewer.addOnceHandler('open', () => {
            draw();
            resized.observe(element);
        });
        viewer.open(source.tiles as never);
    });
    return {
        look(wanted) {
            zoom = wanted;
            draw();
        },
        close() {
            resized.disconnect();
            viewer.destroy();
            source.close();
        },
    };
}

/** Tiles that a run wrote. */
export function storedPyramid({ width, height, tile, first }: ShownPyramid): DeepSource {
    const source = new OpenSeadragon.TileSource({ width, height, tileSize: tile, tileOverlap: 0 });
    const tiles = Object.assign(source, {
        getTileUrl: (level: number, column: number, row: number) =>
            first.replace('/0/0_0.jpg', `/${level}/${column}_${row}.jpg`),
        hasTransparency: () => false,
    });
    return { width, height, tiles, close() {} };
}

/** Tiles cut out of a bitmap, which it takes over. */
export function cutPyramid(bitmap: ImageBitmap): DeepSource {
    const pyramid = new Pyramid(bitmap);
    const { width, height, top } = pyramid;
    const source = new OpenSeadragon.TileSource({ width, height, tileSize: TILE, tileOverlap: 0, maxLevel: top });
    const tiles = Object.assign(source, {
        getTileUrl: (level: number, column: number, row: number) => `${level}/${column}/${row}`,
        hasTransparency: () => false,
        downloadTileStart(job: OpenSeadragon.ImageJob) {
            const [level = 0, column = 0, row = 0] = job.src.split('/').map(Number);
            pyramid.tile(level, column, row).then(
                (tile) => job.finish(tile, null, 'context2d'),
                (error: Error) => job.fail(error.message, null),
            );
        },
        downloadTileAbort() {},
    });
    return { width, height, tiles, close: () => pyramid.close() };
}
