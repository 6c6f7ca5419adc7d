/** Which Node.js carries the runtime out. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NodeProgram } from '../../runtime/process/client.ts';
import { SettingError } from './setting-error.ts';

/** The program that is wanted, else the user's node where it suits, else the Node inside the editor. */
export async function chooseProgram(wanted: string): Promise<NodeProgram> {
    if (wanted) {
        await checkWanted(wanted);
        return { path: wanted };
    }
    const own = { path: process.execPath, electron: 'electron' in process.versions };
    if (!own.electron) return own;
    try {
        return suits(await askProgram('node', 3000)) ? { path: 'node' } : own;
    } catch {
        // There is no node on the path: the editor brings one.
        return own;
    }
}

/** @throws SettingError where the program of the setting is no Node.js that carries runs out */
async function checkWanted(path: string): Promise<void> {
    const wrong = (why: string) =>
        new SettingError('sdspec.runtime.node', path, `${why} Name a Node.js 20.19 or later, or leave it empty.`);
    let answer: string;
    try {
        answer = await askProgram(path, 20_000);
    } catch (error) {
        const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        throw wrong(isMissing ? 'is no program on this machine.' : 'is no Node.js.');
    }
    let fits = false;
    try {
        fits = suits(answer);
    } catch {
        throw wrong('is no Node.js.');
    }
    if (!fits) throw wrong('is too old, or made for another kind of machine.');
}

/** What a program says that it is; rejects where it can't be started. */
async function askProgram(path: string, timeout: number): Promise<string> {
    const asked = ['-p', 'JSON.stringify([process.version, process.platform, process.arch])'];
    const { stdout } = await promisify(execFile)(path, asked, { timeout, windowsHide: true });
    return stdout;
}

/** Whether a node is new enough, and of the machine that the extension's binaries are for: not one that is emulated. */
export function suits(answer: string, here: Pick<NodeJS.Process, 'platform' | 'arch'> = process): boolean {
    const [version, platform, arch] = JSON.parse(answer) as readonly string[];
    const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version ?? '') ?? [];
    const isNew = Number(major) > 20 || (Number(major) === 20 && Number(minor) >= 19);
    return isNew && platform === here.platform && arch === here.arch;
}
