/** What is asked of weights, configurations and tokenizers: the sentence of the error, or nothing. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeFiles } from '../../../src/language/host/files-node.ts';
import { failureOf } from '../../../src/runtime/run-error.ts';
import { loadTokenizer } from '../../../src/runtime/text/load-tokenizer.ts';
import { readTextConfig, readUnetConfig, readVaeConfig } from '../../../src/runtime/weights/config.ts';
import { readUpscaler } from '../../../src/runtime/weights/upscaler.ts';
import { readJson } from '../../../src/runtime/weights/weight-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));

export function readHeader({ text, data }: { readonly text: string; readonly data: number }): string {
    const file = join(folder, 'x.safetensors');
    const header = Buffer.from(text);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(file, Buffer.concat([length, header, Buffer.alloc(data)]));
    nodeFiles.modelHead?.(pathToFileURL(file).toString());
    return sentence(() => readUpscaler(file));
}

export function readConfig({ file, text }: { readonly file: string; readonly text: string }): string {
    const path = join(folder, 'config.json');
    writeFileSync(path, text);
    return sentence(() => {
        const raw = readJson(path, 'its configuration');
        if (file.startsWith('unet')) return readUnetConfig(raw, file);
        return file.startsWith('vae') ? readVaeConfig(raw, file) : readTextConfig(raw, file);
    });
}

export function readTokenizer({ vocab, merges }: { readonly vocab: string; readonly merges: string }): string {
    mkdirSync(join(folder, 'tokenizer'), { recursive: true });
    writeFileSync(join(folder, 'tokenizer', 'vocab.json'), vocab);
    writeFileSync(join(folder, 'tokenizer', 'merges.txt'), merges);
    return sentence(() => {
        const tokenizer = loadTokenizer({
            folder,
            vocab: join(folder, 'tokenizer', 'vocab.json'),
            merges: join(folder, 'tokenizer', 'merges.txt'),
        });
        tokenizer.encodePadded('a turtle on a beach');
    });
}

/** What a user would read; a bug is an exception. */
function sentence(read: () => unknown): string {
    try {
        read();
        return '';
    } catch (error) {
        const { code, message } = failureOf(error);
        if (code === 'internal') throw error;
        return message;
    }
}
