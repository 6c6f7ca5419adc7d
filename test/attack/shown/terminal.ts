/** What the command line prints is text: nothing in names, paths, comments, tensors or pictures moves a terminal's cursor. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { random } from '../../language/fuzz/edits.ts';
import { sdspec, withFolder } from '../built.ts';
import { activeCharacter, badMessage, pick, portion, type Scale, Tally } from '../kit.ts';

const ACTIVE = [
    '\u001b[31mred',
    '\u001b]0;title\u0007',
    '\u009b2J',
    '\u009d8;;http://a\u009c',
    '\u202egnp',
    '\u2066x',
    '\u2028x',
    '\r over',
    '\b\b\b',
    '\u0007',
    '\u200fx',
    '\u061cx',
];

/** One way for strange text to reach a command: the arguments of `sdspec`. */
type Way = (folder: string, active: string) => readonly string[] | Promise<readonly string[]>;

export async function terminalOutput(scale: Scale): Promise<Tally> {
    const tally = new Tally('terminal (names, paths, comments, tensors, pictures)');
    const next = random(scale.seed);
    const ways = Object.entries(WAYS);
    const count = portion(120, scale);
    for (let i = 0; i < count; i++) {
        const [name, way] = ways[i % ways.length]!;
        const active = pick(ACTIVE, next);
        await withFolder((folder) =>
            tally.try(`${name}: ${JSON.stringify(active)}`, async () => {
                const args = await way(folder, active);
                const { code, stdout, stderr, hung } = await sdspec(args, { cwd: folder });
                if (hung || code === 70) return `exit ${code}: ${stderr}`;
                if (args.includes('--json'))
                    JSON.parse(stdout.startsWith('{"') ? stdout.trim().split('\n').at(-1)! : stdout);
                // A report may be long; its sentences are looked at elsewhere.
                return (
                    activeCharacter(stdout) ??
                    activeCharacter(stderr.replaceAll('\u001b[K', '')) ??
                    badMessage(stderr.slice(0, 900), active)
                );
            }),
        );
    }
    return tally;
}

const write = (folder: string, text: string, name = 'a.sdspec') => {
    writeFileSync(join(folder, name), text);
    return name;
};

/** File systems take every character but the slash and NUL. */
const asName = (active: string) => active.replaceAll('/', '');

const WAYS: Readonly<Record<string, Way>> = {
    'an unknown name in a spec': (folder, active) => [
        'check',
        write(folder, `generate g { prompt "x" infuse ${active} }`),
    ],
    'a string in a spec': (folder, active) => [
        'check',
        write(folder, `image p = "./${active}.png"\ngenerate g { prompt "${active}" start from p }`),
    ],
    'a comment in a spec': (folder, active) => [
        'check',
        write(folder, `/** ${active} */\ngenerate g { promt "x" } // ${active}`),
    ],
    'the same as JSON': (folder, active) => [
        'check',
        write(folder, `image p = "./${active}.png"\ngenerate g { prompt "${active}" start from p }`),
        '--json',
    ],
    'a prompt in a plan': (folder, active) => ['plan', write(folder, `generate g { prompt "a${active}" }`)],
    'a file that is not there': (_, active) => ['check', `${active}.sdspec`],
    'a file of that name': (folder, active) => [
        'check',
        write(folder, 'generate g { promt "x" }', `${asName(active)}.sdspec`),
    ],
    'a folder of that name': (folder, active) => {
        mkdirSync(join(folder, asName(active)));
        return ['check', asName(active)];
    },
    'a spec to format': (folder, active) => [
        'format',
        write(folder, 'generate  g { prompt "x" }', `${asName(active)}.sdspec`),
    ],
    'an option': (_, active) => ['run', `--${active}`],
    'a command': (_, active) => [active],
    'a runnable': (folder, active) => ['run', write(folder, 'generate g { prompt "x" size 16x16 steps 1 }'), active],
    'a value of a param': (folder, active) => [
        'run',
        write(folder, 'param s = "x"\ngenerate g { prompt "{s}" size 16x16 steps 1 }'),
        '--param',
        `s=${active}`,
        '--json',
    ],
    'a folder for runs': (folder, active) => [
        'run',
        write(folder, 'generate g { prompt "x" size 16x16 steps 1 }'),
        '--out',
        asName(active),
    ],
    "a sweep's value": (folder, active) => [
        'run',
        write(
            folder,
            `param s = "x"\ngenerate g { prompt "{s}" size 16x16 steps 1 }\nsweep w over g { s in ["a${active}", "b"] }`,
        ),
        'w',
    ],
    'the prompt of a picture': async (folder, active) => {
        const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
            .png()
            .withMetadata()
            .toBuffer();
        writeFileSync(
            join(folder, 'a.png'),
            withText(png, 'parameters', `a castle ${active}\nSteps: 20, Sampler: ${active}, Seed: 3, Odd: ${active}`),
        );
        return ['import', 'a.png'];
    },
    'a picture of that name': async (folder, active) => {
        const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
            .png()
            .toBuffer();
        const name = `${asName(active)}.png`;
        writeFileSync(join(folder, name), withText(png, 'parameters', 'a castle\nSteps: 20, Sampler: Euler, Seed: 3'));
        return ['import', name];
    },
    'a line of the lock': (folder, active) => {
        write(folder, `output ${active}\nmodel a${active} b sha256:${'0'.repeat(64)}\n`, 'sdspec.lock');
        return ['verify', write(folder, 'generate g { prompt "x" size 16x16 steps 1 }')];
    },
    'a record of a run': (folder, active) => {
        const run = join(folder, '.sdspec', 'runs', asName(active), 'a');
        mkdirSync(run, { recursive: true });
        const record = {
            format: 1,
            name: active,
            kind: 'picture',
            digest: 'a'.repeat(64),
            cells: 1,
            state: 'failed',
            started: active,
            seconds: 1,
            process: 1,
            notices: [active],
            pictures: [],
            models: [],
            inputs: [],
            timings: {},
            versions: {},
            device: { asked: 'cpu', used: active, threads: 1, fallbacks: [], options: {} },
            failure: { code: 'internal', message: active },
        };
        writeFileSync(join(run, 'record.json'), JSON.stringify(record));
        return ['runs', write(folder, 'generate g { prompt "x" }')];
    },
    'tensors of a model': (folder, active) => {
        const header = Buffer.from(
            JSON.stringify({
                [`x${active}`]: { dtype: `F${active}`, shape: [1], data_offsets: [0, 4] },
                __metadata__: { format: active },
            }),
        );
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(header.length));
        writeFileSync(join(folder, 'm.safetensors'), Buffer.concat([length, header, Buffer.alloc(4)]));
        return ['check', write(folder, 'model m = "./m.safetensors"\ngenerate g { use m prompt "x" }')];
    },
    'a folder of models': (folder, active) => {
        const header = Buffer.from(
            JSON.stringify({ [`x${active}`]: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }),
        );
        const length = Buffer.alloc(8);
        length.writeBigUInt64LE(BigInt(header.length));
        writeFileSync(join(folder, `${asName(active)}.safetensors`), Buffer.concat([length, header, Buffer.alloc(4)]));
        return ['models', '.'];
    },
    'a message of the runtime': (folder, active) => [
        'run',
        write(
            folder,
            `image p = "./p.png"\ngenerate g { prompt "exit" start from p size 16x16 steps 1 seed 1..2 } // ${active}`,
        ),
    ],
    'two pictures that differ': async (folder, active) => {
        const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
            .png()
            .toBuffer();
        writeFileSync(
            join(folder, 'a.png'),
            withText(png, 'parameters', `a castle ${active}\nSteps: 20, Sampler: Euler, Seed: 3, Odd: ${active}`),
        );
        writeFileSync(
            join(folder, 'b.png'),
            withText(png, 'parameters', 'a castle\nSteps: 21, Sampler: Euler, Seed: 3'),
        );
        return ['explain', 'a.png', 'b.png'];
    },
};

/** A PNG with an iTXt chunk of UTF-8 text. */
function withText(png: Buffer, keyword: string, text: string): Buffer {
    const data = Buffer.concat([
        Buffer.from('iTXt'),
        Buffer.from(keyword),
        Buffer.from([0, 0, 0, 0, 0]),
        Buffer.from(text),
    ]);
    const chunk = Buffer.alloc(data.length + 8);
    chunk.writeUInt32BE(data.length - 4, 0);
    data.copy(chunk, 4);
    chunk.writeUInt32BE(crc32(data), data.length + 4);
    const end = png.length - 12;
    return Buffer.concat([png.subarray(0, end), chunk, png.subarray(end)]);
}

/** CRC-32 as PNG has it (ISO 3309). */
function crc32(bytes: Uint8Array): number {
    let crc = 0xffffffff;
    for (const byte of bytes) {
        crc ^= byte;
        for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
}
