/** The lock file installs everywhere: npm leaves packages of other platforms out when it is not watched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

interface Locked {
    readonly version?: string;
    readonly optionalDependencies?: Readonly<Record<string, string>>;
    readonly hasInstallScript?: boolean;
}

const lock = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
const packages = JSON.parse(lock).packages as Readonly<Record<string, Locked>>;

/** Whether a package at `path` finds `name`, in its own node_modules or further up. */
function finds(path: string, name: string): boolean {
    if (`${path ? `${path}/` : ''}node_modules/${name}` in packages) return true;
    return (
        path !== '' &&
        finds(
            path.includes('/node_modules/') ? path.replace(/\/node_modules\/(?!.*\/node_modules\/).*$/, '') : '',
            name,
        )
    );
}

it('every optional package is locked, those of other platforms too', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
        Object.keys(optionalDependencies).filter((name) => !finds(path, name)),
    );
    expect(missing).toEqual([]);
});

it('names no registry, so that any mirror serves', () => {
    expect(lock).not.toContain('"resolved"');
});
