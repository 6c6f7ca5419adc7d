/** Which Node.js carries the runtime out. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NodeProgram } from '../../runtime/process/client.ts';

/** The program that is wanted, else the user's node where it suits, else the Node inside the editor. */
export async function chooseProgram(wanted: string): Promise<NodeProgram> {
    if (wanted) return { path: wanted };
    const own = { path: process.execPath, electron: 'electron' in process.versions };
    if (!own.electron) return own;
    try {
        const asked = ['-p', 'JSON.stringify([process.version, process.platform, process.arch])'];
        const { stdout } = await promisify(execFile)('node', asked, { timeout: 3000, windowsHide: true });
        return suits(stdout) ? { path: 'node' } : own;
    } catch {
        // There is no node on the path: the editor brings one.
        return own;
    }
}

/** Whether a node is new enough, and of the machine that the extension's binaries are for: not one that is emulated. */
export function suits(answer: string, here: Pick<NodeJS.Process, 'platform' | 'arch'> = process): boolean {
    const [version, platform, arch] = JSON.parse(answer) as readonly string[];
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version ?? '') ?? [];
    const isNew = Number(major) > 20 || (Number(major) === 20 && Number(minor) >= 19);
    return isNew && platform === here.platform && arch === here.arch;
}
