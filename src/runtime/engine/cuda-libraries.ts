/** CUDA's part of onnxruntime: too large for npm, fetched on request only. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How to fetch it, run where sdspec is installed. */
export const FETCH_CUDA = 'node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12';

/**
 * Whether the libraries are where onnxruntime looks for them. Asked before CUDA is tried, since onnxruntime writes of
 * missing ones to the terminal by itself.
 */
export function hasCudaLibraries(): boolean {
    try {
        const bin = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')), '..', 'bin');
        return readdirSync(bin).some((api) =>
            existsSync(join(bin, api, process.platform, process.arch, 'libonnxruntime_providers_cuda.so')),
        );
    } catch {
        return true; // An unusual place: trying shows more than looking.
    }
}
