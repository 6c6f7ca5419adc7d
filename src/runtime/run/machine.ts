/** The machine and the versions that a run happened with. */
import { createRequire } from 'node:module';
import { availableParallelism, cpus, hostname, release, totalmem, type } from 'node:os';
import { version } from '../../../package.json';
import type { RecordedDevice, RunRecord } from './record.ts';

/** Versions of everything that decides a result. */
export function versions(): Readonly<Record<string, string>> {
    return {
        sdspec: version,
        onnxruntime: versionOf('onnxruntime-node'),
        node: process.versions.node,
        platform: `${process.platform}-${process.arch}`,
    };
}

export function machine(): { cpu: string; cores: number; memoryBytes: number; os: string } {
    return { cpu: cpuName(), cores: availableParallelism(), memoryBytes: totalmem(), os: `${type()} ${release()}` };
}

/** The machine of this process, as a record names it. */
export function hostOf(): { readonly host: string; readonly cpu: string } {
    return { host: hostname(), cpu: cpuName() };
}

type Environment = Pick<RunRecord, 'versions' | 'device' | 'cpu' | 'otherCpus'>;

/** The processors that made the pictures of a record: several where a run was continued on another machine. */
export function cpusOf({ cpu = cpuName(), otherCpus = [] }: Pick<RunRecord, 'cpu' | 'otherCpus'>): readonly string[] {
    return [...new Set([cpu, ...otherCpus])].sort();
}

/**
 * Where equal plans give equal bits: platform, processor, device, versions and session options, as one word each. A
 * digest of pixels is promised within one environment only.
 */
export function environmentOf(record: Environment): string {
    const { versions: v, device } = record;
    const cpu = cpusOf(record)
        .map((name) => name.replace(/[^A-Za-z0-9.]+/g, '-'))
        .join('+');
    const options = Object.entries(device.options)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${value}`);
    return [v['platform'], cpu, device.used, `onnxruntime-${v['onnxruntime']}`, ...options]
        .map((word) => String(word).replace(/\s+/g, '-'))
        .join(' ');
}

/** Whether pictures of the record, on the device that it names, are bitwise what this process would make on that device. */
export function isMadeHere(record: Environment): boolean {
    const here = { versions: versions(), device: record.device, cpu: cpuName() };
    return environmentOf(record) === environmentOf(here);
}

/** What is said of pictures of several processors in one run: they differ in their last bits from those of one. */
export function otherCpusNotice({ device, cpu, otherCpus = [] }: RunRecord): string | undefined {
    if (otherCpus.length === 0 || device.used !== 'cpu') return undefined;
    const which = `${otherCpus.join(', ')}; this is ${cpu}`;
    return `Pictures that are kept were made on another processor (${which}): their last bits may differ from what this one makes. \`--force\` makes all of them here.`;
}

/**
 * Whether two runs had one kind of device and opened what both opened in one way. A part that only one of them opened had no
 * part in pictures of equal plans.
 */
export function isSameDevice(a: RecordedDevice, b: RecordedDevice): boolean {
    return (
        a.used === b.used && Object.entries(a.options).every(([name, value]) => (b.options[name] ?? value) === value)
    );
}

function cpuName(): string {
    return cpus()[0]?.model.replace(/\s+/g, ' ').trim() || 'unknown';
}

function versionOf(name: string): string {
    try {
        return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
    } catch {
        return 'not installed';
    }
}
