/** An upscaler at work: a picture enlarged tile by tile. */
import { tilesOf } from '../../plan/passes/tiles.ts';
import { UPSCALER_PORTS, upscalerGraph } from '../graph/upscaler.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { readUpscaler, type UpscalerConfig } from '../weights/upscaler.ts';
import type { DeviceChoice } from './backend.ts';
import type { ChooseDevice, DeviceReport } from './devices.ts';
import { sessionPool } from './session-pool.ts';
import { tiled } from './tiles.ts';

export interface Upscaler {
    readonly config: UpscalerConfig;
    readonly device: DeviceReport;
    /** `[1, 3, h, w]` with values in [0, 1] → `[1, 3, s·h, s·w]`, not clamped. */
    enlarge(pixels: Tensor, options?: EnlargeOptions): Promise<Tensor>;
    close(): Promise<void>;
}

export interface EnlargeOptions {
    /** Side of a tile in pixels of the input. */
    readonly tile?: number;
    readonly overlap?: number;
    /** Called before every tile, which may stop the work by throwing. */
    readonly beforeTile?: (tile: number, tiles: number) => void | Promise<void>;
    /** Tiles that an earlier run finished, and where finished ones are kept. */
    readonly readTile?: (tile: number) => Promise<Tensor | undefined>;
    readonly keepTile?: (tile: number, made: Tensor) => Promise<void>;
}

export interface OpenUpscalerOptions {
    readonly device: DeviceChoice;
    readonly threads?: number;
    /** How the device is chosen: shared, so that it is tested once. */
    readonly choose?: ChooseDevice;
    readonly notice?: (text: string) => void;
}

/** Larger tiles need more memory (an ESRGAN x4: about 1.1 GB at 256), smaller ones lose time in their overlaps. */
const UPSCALER_TILE = 256;
const UPSCALER_OVERLAP = 16;

/** Opens a `.safetensors` upscaler. Throws `ModelError`. */
export async function openUpscaler(path: string, options: OpenUpscalerOptions): Promise<Upscaler> {
    const part = readUpscaler(path);
    const { config, weights } = part;
    const pool = await sessionPool({
        requested: options.device,
        ...(options.threads !== undefined && { threads: options.threads }),
        weights: { upscaler: weights },
        ...(options.choose && { choose: options.choose }),
        notice: options.notice ?? (() => {}),
    });
    const multiple = config.kind === 'rrdb' ? config.unshuffle : 1;
    const run = async (tile: Tensor) => {
        const session = await pool.session('upscaler', 'whole', (forms) => upscalerGraph(part, forms), {
            expectedCalls: EXPECTED_CALLS,
        });
        const [, , height = 0, width = 0] = tile.dims;
        const outputs = await session.run({ [UPSCALER_PORTS.pixels]: padded(tile, multiple) });
        return topLeft(outputs[UPSCALER_PORTS.enlarged]!, height * config.scale, width * config.scale);
    };
    return {
        config,
        get device() {
            return pool.report;
        },
        async enlarge(pixels, options = {}) {
            const { tile = UPSCALER_TILE, overlap = UPSCALER_OVERLAP } = options;
            const [, , height = 0, width = 0] = pixels.dims;
            const sizes = { side: tile, overlap: Math.min(overlap, tile - 1), scale: config.scale };
            const count = tilesOf(height, width, sizes).length;
            let number = 0;
            return tiled(pixels, sizes, async (part) => {
                const index = number++;
                await options.beforeTile?.(index, count);
                const kept = await options.readTile?.(index);
                if (kept) return kept;
                const made = await run(part);
                if (count > 1) await options.keepTile?.(index, made);
                return made;
            });
        },
        close: () => pool.release('upscaler'),
    };
}

/** Upscalers are used for many tiles: their weights are always prepared for speed, so that results do not depend on the count. */
const EXPECTED_CALLS = 1000;

/** The picture mirrored at its lower and right border until its sides are multiples, as Real-ESRGAN does. */
function padded(pixels: Tensor, multiple: number): Tensor {
    const [, channels = 3, height = 0, width = 0] = pixels.dims;
    const high = Math.ceil(height / multiple) * multiple;
    const wide = Math.ceil(width / multiple) * multiple;
    if (high === height && wide === width) return pixels;
    const data = new Float32Array(channels * high * wide);
    for (let plane = 0; plane < channels; plane++) {
        for (let y = 0; y < high; y++) {
            const row = (plane * height + mirrored(y, height)) * width;
            for (let x = 0; x < wide; x++) {
                data[(plane * high + y) * wide + x] = pixels.data[row + mirrored(x, width)]!;
            }
        }
    }
    return tensor(data, [1, channels, high, wide]);
}

function mirrored(at: number, length: number): number {
    return at < length ? at : Math.max(0, 2 * (length - 1) - at);
}

function topLeft(pixels: Tensor, height: number, width: number): Tensor {
    const [, channels = 3, high = 0, wide = 0] = pixels.dims;
    if (high === height && wide === width) return pixels;
    const data = new Float32Array(channels * height * width);
    for (let plane = 0; plane < channels; plane++) {
        for (let y = 0; y < height; y++) {
            const from = (plane * high + y) * wide;
            data.set(pixels.data.subarray(from, from + width), (plane * height + y) * width);
        }
    }
    return tensor(data, [1, channels, height, width]);
}
