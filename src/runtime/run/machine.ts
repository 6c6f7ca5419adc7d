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

/**
 * Where equal plans give equal bits: platform, processor, device, versions and session options, as one word each. A
 * digest of pixels is promised within one environment only.
 */
export function environmentOf(record: Pick<RunRecord, 'versions' | 'device' | 'cpu'>): string {
    const { versions: v, device } = record;
    const cpu = (record.cpu ?? cpuName()).replace(/[^A-Za-z0-9.]+/g, '-');
    const options = Object.entries(device.options)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => `${name}=${value}`);
    return [v['platform'], cpu, device.used, `onnxruntime-${v['onnxruntime']}`, ...options]
        .map((word) => String(word).replace(/\s+/g, '-'))
        .join(' ');
}

/** Whether pictures of the record, on the device that it names, are bitwise what this process would make on that device. */
export function isMadeHere(record: Pick<RunRecord, 'versions' | 'device' | 'cpu'>): boolean {
    const here = { versions: versions(), device: record.device, cpu: cpuName() };
    return environmentOf(record) === environmentOf(here);
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
