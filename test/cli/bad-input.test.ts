/** Bad models and pictures, from the command line: one clear message, an exit code, nothing half-written. */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { builtSdspec, folderWith } from './sdspec.ts';

const sdspec = builtSdspec();
const NANO = join(import.meta.dirname, '..', 'goldens', 'models', 'nano-sd15');
const UNET = join('unet', 'diffusion_pytorch_model.safetensors');

function spec({ more = '', size = '64x64', seed = '1', before = '' } = {}): string {
    return `model nano = "./nano"
${before}
generate turtle {
    use     nano
    prompt  "a turtle"
    size    ${size}
    steps   2
    seed    ${seed}
    ${more}
}
`;
}

interface Case {
    /** What is done to the folder, which holds the spec and a whole model. */
    readonly spoil: (folder: string) => void | Promise<void>;
    readonly says: RegExp;
    readonly text?: string;
}

/** Overwrites the last tensor's bytes with not-a-number. */
function poison(file: string): void {
    const bytes = readFileSync(file);
    for (let at = bytes.length - 4; at > bytes.length - 400_000; at -= 4) bytes.writeFloatLE(Number.NaN, at);
    writeFileSync(file, bytes);
}

/** A safetensors file whose header is nonsense. */
function hostile(header: string): Buffer {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    return Buffer.concat([length, Buffer.from(header), Buffer.alloc(16)]);
}

const start = { before: 'image photo = "./photo.png"', more: 'start from photo strength 0.5' };

const CASES: Readonly<Record<string, Case>> = {
    'a model that is not there': { spoil: (folder) => rmSync(join(folder, 'nano'), { recursive: true }), says: /nano/ },
    'a truncated weight file': {
        spoil: (folder) => truncateSync(join(folder, 'nano', UNET), 1_000_000),
        says: /diffusion_pytorch_model\.safetensors.*is broken: it has 1000000 bytes/,
    },
    'an empty weight file': {
        spoil: (folder) => writeFileSync(join(folder, 'nano', UNET), ''),
        says: /diffusion_pytorch_model\.safetensors/,
    },
    'a weight file with a huge header length': {
        spoil: (folder) => writeFileSync(join(folder, 'nano', UNET), Buffer.alloc(64, 0xff)),
        says: /diffusion_pytorch_model\.safetensors/,
    },
    'a weight file whose tensors overlap': {
        spoil(folder) {
            const entry = '{"dtype":"F32","shape":[4],"data_offsets":[0,16]}';
            writeFileSync(join(folder, 'nano', UNET), hostile(`{"a":${entry},"b":${entry}}`));
        },
        says: /diffusion_pytorch_model\.safetensors/,
    },
    'a pickle by the name of a weight file': {
        spoil: (folder) => writeFileSync(join(folder, 'nano', UNET), Buffer.from('8002637079746f7263680a', 'hex')),
        says: /diffusion_pytorch_model\.safetensors/,
    },
    'a model without a VAE': {
        spoil: (folder) => rmSync(join(folder, 'nano', 'vae'), { recursive: true }),
        says: /vae/i,
    },
    'a model without a tokenizer': {
        spoil: (folder) => rmSync(join(folder, 'nano', 'tokenizer'), { recursive: true }),
        says: /tokenizer/i,
    },
    'weights that are no numbers': {
        spoil: (folder) => poison(join(folder, 'nano', UNET)),
        says: /tensor "[\w.]+" holds NaN/,
    },
    'a size that the model can not make': { spoil: () => {}, text: spec({ size: '60x64' }), says: /multiple/ },
    'a picture that is not there': { spoil: () => {}, text: spec(start), says: /photo\.png/ },
    'a picture that is none': {
        spoil: (folder) => writeFileSync(join(folder, 'photo.png'), 'hello'),
        text: spec(start),
        says: /photo\.png/,
    },
    'a picture of odd shape': {
        spoil: async (folder) => {
            const odd = sharp({ create: { width: 900, height: 2, channels: 3, background: 'red' } });
            await odd.png().toFile(join(folder, 'photo.png'));
        },
        text: spec(start),
        says: /photo\.png/,
    },
    'an output folder that is a file': {
        spoil: (folder) => {
            mkdirSync(join(folder, '.sdspec'));
            writeFileSync(join(folder, '.sdspec', 'runs'), '');
        },
        says: /can't be written|cannot be written|not written/,
    },
};

describe('bad input', () => {
    it.each(Object.entries(CASES))('%s', async (_, { spoil, says, text = spec() }) => {
        const folder = folderWith({ 'a.sdspec': text });
        cpSync(NANO, join(folder, 'nano'), { recursive: true });
        await spoil(folder);
        const { code, stdout, stderr } = await sdspec(['run', 'a.sdspec'], { cwd: folder });
        expect(stderr).toMatch(says);
        expect(stderr).not.toMatch(/^ +at /m);
        expect([1, 3]).toContain(code);
        expect(stdout).toBe('');
        const left = readdirSync(folder, { recursive: true }).map(String);
        expect(left.filter((file) => /\.part$|[\\/]\d+\.png$/.test(file))).toEqual([]);
    });

    const mayWriteAnywhere = process.platform === 'win32' || process.getuid?.() === 0;
    it('an output folder that may not be written', async (context) => {
        context.skip(mayWriteAnywhere, 'this user may write anywhere');
        const folder = folderWith({ 'a.sdspec': spec() });
        cpSync(NANO, join(folder, 'nano'), { recursive: true });
        chmodSync(folder, 0o500);
        const { code, stderr } = await sdspec(['run', 'a.sdspec'], { cwd: folder });
        chmodSync(folder, 0o700);
        expect([code, stderr]).toEqual([1, expect.stringContaining("can't be written")]);
    });

    it('keeps pictures that were made before', async () => {
        const folder = folderWith({ 'a.sdspec': spec() });
        cpSync(NANO, join(folder, 'nano'), { recursive: true });
        const first = await sdspec(['run', 'a.sdspec'], { cwd: folder });
        expect(first.code).toBe(0);
        const picture = readFileSync(join(folder, first.stdout.trim()));
        truncateSync(join(folder, 'nano', UNET), 1_000_000);
        expect((await sdspec(['run', 'a.sdspec', '--force'], { cwd: folder })).code).toBe(1);
        expect(readFileSync(join(folder, first.stdout.trim())).equals(picture)).toBe(true);
    });
});
