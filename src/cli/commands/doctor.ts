/** `sdspec doctor`: what this machine can do. */

import { sizeWords } from '../../plan/amounts.ts';
import type { DoctorReport } from '../../runtime/process/protocol.ts';
import { type Command, EXIT } from '../command.ts';
import { startRuntime } from '../runtime.ts';

export const doctor: Command = {
    name: 'doctor',
    arguments: '',
    summary: 'Reports what this machine can do: devices with their self-tests, versions, speed.',
    help: `Every device is tried: a device is used only when its self-test agrees with the CPU. The benchmark times one step of the
built-in model; a model of the size of Stable Diffusion 1.5 takes some hundred times as long.`,
    options: {
        quick: { help: 'Leaves the benchmark out.' },
        json: { help: 'Writes the report as JSON to stdout.' },
    },
    async run(call) {
        const runtime = startRuntime();
        try {
            const report = await runtime.doctor({ benchmark: !call.flag('quick') });
            console.log(call.flag('json') ? JSON.stringify(report, null, 2) : describe(report));
            return report.devices.some(({ usable }) => usable) ? EXIT.done : EXIT.failed;
        } finally {
            await runtime.stop();
        }
    },
};

function describe({ versions, machine, devices }: DoctorReport): string {
    const lines = [
        ...Object.entries(versions).map(([name, version]) => [name, version] as const),
        [
            'machine',
            `${machine.cpu}, ${machine.cores} cores, ${sizeWords(machine.memoryBytes)}, ${machine.os}`,
        ] as const,
        ...devices.map(({ device, usable, detail, secondsPerStep }) => {
            const speed = secondsPerStep === undefined ? '' : ` ${(secondsPerStep * 1000).toFixed(1)} ms a step.`;
            return [device, `${usable ? 'works' : 'no'}: ${detail}${speed}`] as const;
        }),
    ];
    const width = Math.max(...lines.map(([name]) => name.length));
    return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
