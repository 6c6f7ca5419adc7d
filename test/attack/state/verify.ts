/** `verify --frozen` passes only where every picture has the pixels that were locked and the lock says what it said. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { pixelsSha256 } from '../../../src/runtime/pictures/compare.ts';
import { loadPicture } from '../../../src/runtime/pictures/load.ts';
import { type LockEntry, readLock } from '../../../src/runtime/run/lock/lock.ts';
import { random } from '../../language/fuzz/edits.ts';
import { sdspec } from '../built.ts';
import { badMessage, pick, portion, type Scale, Tally } from '../kit.ts';

const SPEC = `generate turtle { prompt "a turtle" size 16x16 steps 2 seed 1..3 }
sweep table over turtle { seed in 1..2 guidance in [2, 7] }
`;

export async function lockedPictures(scale: Scale): Promise<Tally> {
    const tally = new Tally('verify and lock (pictures, lock and records changed, cut, exchanged)');
    const next = random(scale.seed);
    const base = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
    writeFileSync(join(base, 'a.sdspec'), SPEC);
    const locked = await sdspec(['lock', 'a.sdspec'], { cwd: base });
    if (locked.code !== 0) throw new Error(locked.stderr);
    const before = await stateOf(base);
    const count = portion(150, scale);
    for (let i = 0; i <= count; i++) {
        const folder = mkdtempSync(join(tmpdir(), 'sdspec-attack-'));
        cpSync(base, folder, { recursive: true });
        // The last one is whole, and has to pass.
        const what = i === count ? 'nothing' : await DAMAGES[i % DAMAGES.length]!(folder, next);
        await tally.try(what, async () => {
            const { code, stdout, stderr, hung } = await sdspec(['verify', 'a.sdspec', '--frozen'], { cwd: folder });
            const bad = badMessage(`${stdout.slice(0, 900)}`) ?? badMessage(stderr.slice(0, 900));
            if (bad) return bad;
            if (hung || ![0, 1, 3].includes(Number(code))) return `exit ${code}: ${stderr}`;
            // What was gone has been made again.
            if (code === 0) return (await stateOf(folder)) === before ? undefined : `it passed: ${stdout}`;
            return what === 'nothing' ? `it failed: ${stdout}${stderr}` : undefined;
        });
        rmSync(folder, { recursive: true, force: true });
    }
    rmSync(base, { recursive: true, force: true });
    return tally;
}

/** Pixels of all pictures by their paths, and what the lock says. In which environment bits were made can't be known later. */
async function stateOf(folder: string): Promise<string> {
    const pictures = await Promise.all(
        filesIn(folder, /\.png$/)
            .filter((name) => !name.endsWith('sheet.png'))
            .map(async (name) => [name, await pixelsOf(join(folder, name))]),
    );
    const lock = readLock(folder).map((entry: LockEntry) => JSON.stringify({ ...entry, environment: '' }));
    return JSON.stringify([pictures.filter(([, pixels]) => pixels !== undefined), [...new Set(lock)].sort()]);
}

async function pixelsOf(file: string): Promise<string> {
    try {
        return pixelsSha256(await loadPicture(file));
    } catch {
        return 'no picture';
    }
}

function filesIn(folder: string, which: RegExp): readonly string[] {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => which.test(name));
    return names.filter((name) => statSync(join(folder, name)).isFile()).sort();
}

/** Changes something in the folder and says what. */
type Damage = (folder: string, next: () => number) => string | Promise<string>;

const PICTURE = /\.sdspec[/\\].*\d\.png$|[/\\]\d[^/\\]*\.png$/;

const DAMAGES: readonly Damage[] = [
    onFile(/\.png$/, (bytes, next) => bytes.subarray(0, Math.floor(next() * bytes.length)), 'cut'),
    onFile(/\.png$/, flipped, 'a bit flipped'),
    onFile(/sdspec\.lock$/, flipped, 'a bit flipped'),
    onFile(/sdspec\.lock$/, (bytes, next) => Buffer.from(otherDigit(bytes.toString('utf8'), next)), 'another digit'),
    onFile(/sdspec\.lock$/, (bytes, next) => Buffer.from(lineChanged(bytes.toString('utf8'), next)), 'a line changed'),
    onFile(/sdspec\.lock$/, (bytes, next) => bytes.subarray(0, Math.floor(next() * bytes.length)), 'cut'),
    async (folder, next) => {
        const [one, other] = [pick(filesIn(folder, PICTURE), next), pick(filesIn(folder, PICTURE), next)];
        writeFileSync(join(folder, one), readFileSync(join(folder, other)));
        return `${one} is ${other}`;
    },
    async (folder, next) => {
        const one = pick(filesIn(folder, PICTURE), next);
        const foreign = sharp({
            create: { width: 16, height: 16, channels: 3, background: { r: Math.floor(next() * 256), g: 0, b: 9 } },
        });
        writeFileSync(join(folder, one), await foreign.png().toBuffer());
        return `${one} is foreign`;
    },
    async (folder, next) => {
        // One pixel of another colour: perceptual hashes do not see it.
        const one = pick(filesIn(folder, PICTURE), next);
        const { data, info } = await sharp(join(folder, one)).raw().toBuffer({ resolveWithObject: true });
        data[Math.floor(next() * data.length)]! ^= 1;
        writeFileSync(join(folder, one), await sharp(data, { raw: info }).png().toBuffer());
        return `${one} has another pixel`;
    },
    onFile(/record\.json$/, (bytes, next) => Buffer.from(otherDigit(bytes.toString('utf8'), next)), 'another digit'),
    onFile(/plan\.json$/, (bytes, next) => Buffer.from(otherDigit(bytes.toString('utf8'), next)), 'another digit'),
    (folder, next) => {
        const one = pick(filesIn(folder, PICTURE), next);
        rmSync(join(folder, one));
        return `${one} is gone`;
    },
];

function onFile(which: RegExp, change: (bytes: Buffer, next: () => number) => Uint8Array, how: string): Damage {
    return (folder, next) => {
        const name = pick(filesIn(folder, which), next);
        writeFileSync(join(folder, name), change(readFileSync(join(folder, name)), next));
        return `${name}: ${how}`;
    };
}

function flipped(bytes: Buffer, next: () => number): Buffer {
    const at = Math.floor(next() * bytes.length);
    bytes[at] = bytes[at]! ^ (1 << Math.floor(next() * 8));
    return bytes;
}

/** A digit that is another one of the same kind, in a random place. */
function otherDigit(text: string, next: () => number): string {
    const digits = [...text.matchAll(/[0-9a-f](?=[0-9a-f])/g)];
    const { index } = pick(digits, next);
    return `${text.slice(0, index)}${text[index] === '7' ? '8' : '7'}${text.slice(index + 1)}`;
}

function lineChanged(text: string, next: () => number): string {
    const lines = text.split('\n');
    const at = 1 + Math.floor(next() * (lines.length - 2));
    const other = lines[1 + Math.floor(next() * (lines.length - 2))]!;
    switch (Math.floor(next() * 5)) {
        case 0:
            lines.splice(at, 1);
            break;
        case 1:
            lines.splice(at, 1, other);
            break;
        case 2:
            lines.splice(at, 0, '<<<<<<< ours', other, '=======');
            break;
        case 3:
            lines.splice(at, 1, lines[at]!.replace(/ on .*/, ''));
            break;
        default:
            lines.splice(at, 1, lines[at]!.replace('turtle', 'tortoise'));
    }
    return lines.join('\n');
}
