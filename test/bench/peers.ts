/**
 * sdspec beside diffusers on the same weights, in turns: a step of the U-Net for a guided picture of 512x512 pixels, exact and with
 * clauses that compute less, and the decoding of one, at Stable Diffusion 1.5's size. `npm run bench -- --peers` prints the table and writes it into
 * docs/benchmarks.md; without a Python that has torch and diffusers it says so.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { sizeWords } from '../../src/plan/amounts.ts';
import { machine, versions } from '../../src/runtime/run/machine.ts';
import { inTurns, type Measured, type Program, printTurns, pythonWith, stepCostOf, THREADS } from './turns.ts';

interface Work {
    readonly model: string;
    readonly part: 'unet' | 'decoder';
    readonly passes: number;
}

/** Latents of 512x512 pixels. */
const SIDE = 64;
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md');
const [BEGIN, END] = ['<!-- peers -->', '<!-- /peers -->'];

/** Measures the peers on a checkpoint that diffusers reads too. */
export function comparePeers(model: string): void {
    const python = pythonWith(['diffusers', 'torch']);
    if (!python) {
        console.log(
            '\nPeers: neither $PYTHON nor python3 nor python has torch and diffusers, so there is no comparison.',
        );
        return;
    }
    const types = computesIn16Bits() ? (['bfloat16', 'float32'] as const) : (['float32'] as const);
    const others = types.map((type) => theirs(python, type));
    const faster = (['precision int8', 'cache deep every 3', 'precision int8, cache deep every 3'] as const).map(ours);
    console.log(`\nPeers in turns, ${THREADS} threads`);
    if (!computesIn16Bits()) console.log(NO_BFLOAT16);
    const unet = inTurns([ours(), ...faster, ...others], { model, part: 'unet', passes: 5 }, 2);
    const decoder = inTurns([ours(), ...others], { model, part: 'decoder', passes: 3 }, 2);
    printTurns('U-Net, 64x64 latents, two rows, mean of 25 steps', unet);
    printTurns('Decoder, 512x512 pixels', decoder);
    const page = readFileSync(PAGE, 'utf8');
    const [before, rest = ''] = page.split(BEGIN);
    const [, after = ''] = rest.split(END);
    writeFileSync(PAGE, `${before}${BEGIN}\n\n${tableOf(unet, decoder)}\n${END}${after}`);
    console.log('\nWritten to docs/benchmarks.md.');
}

/** sdspec, exact or with clauses. */
function ours(clauses = ''): Program<Work> {
    const script = join(import.meta.dirname, 'peer-step.ts');
    return {
        name: clauses ? `sdspec, \`${clauses.split(', ').join('`, `')}\`` : 'sdspec',
        run: ({ model, part, passes }) =>
            stepCostOf(process.execPath, ['--import', 'tsx', script, model, part, SIDE, passes, THREADS, clauses]),
    };
}

function theirs(python: string, type: 'float32' | 'bfloat16'): Program<Work> {
    const script = join(import.meta.dirname, 'peer-step.py');
    return {
        name: `diffusers ${type}`,
        run: ({ model, part, passes }) => stepCostOf(python, [script, model, part, SIDE, passes, THREADS, type]),
    };
}

/** The table of the page: medians, and how many times as fast as diffusers' float32. */
function tableOf(unet: readonly Measured[], decoder: readonly Measured[]): string {
    const { cpu, memoryBytes, os } = machine();
    const listed = Object.entries(versions()).map(([name, version]) => `${name} ${version}`);
    const cells = (measured: readonly Measured[], name: string) => {
        const own = measured.find((one) => one.name === name);
        if (!own) return ' | | ';
        const times = (measured.at(-1)!.median / own.median).toFixed(2);
        return `${(own.median / 1000).toFixed(2)} s | ${times} | ${sizeWords(own.peakBytes)}`;
    };
    const rows = unet.map(({ name }) => `| ${name} | ${cells(unet, name)} | ${cells(decoder, name)} |`);
    return `${cpu}, ${THREADS} threads, ${sizeWords(memoryBytes)}, ${os}; vector instructions: ${features().join(', ') || 'not known'}.
${listed.join(', ')}. Load of the machine at the end: ${loadavg()[0]!.toFixed(1)}.

| program | step of the U-Net | times as fast | memory | decoding | times as fast | memory |
|---|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}
${computesIn16Bits() ? '' : `\n${NO_BFLOAT16}\n`}`;
}

const NO_BFLOAT16 =
    'bfloat16 is not compared: this processor has no instructions for it, and PyTorch takes minutes for a pass.';

/** Whether the processor computes with 16-bit numbers itself, as far as it is known. */
function computesIn16Bits(): boolean {
    const known = features();
    return known.length === 0 || known.some((feature) => feature.endsWith('bf16'));
}

/** The processor's vector instructions that matter here, as Linux lists them. */
function features(): readonly string[] {
    try {
        const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
        return ['avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_bf16'].filter((flag) => flags.includes(flag));
    } catch {
        return [];
    }
}
