/** Lists every package that comes with sdspec: version, licence, install script. `npm run dependencies [-- --json]`. */
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import lock from '../package-lock.json' with { type: 'json' };

export interface Dependency {
    readonly name: string;
    readonly version: string;
    /** SPDX expression, as the package states it. */
    readonly licence: string;
    /** Has a script that npm would run while it installs; `.npmrc` leaves such scripts out. */
    readonly hasInstallScript: boolean;
}

interface Locked {
    readonly version?: string;
    readonly license?: string;
    readonly dev?: boolean;
    readonly hasInstallScript?: boolean;
}

/** Licences that sdspec may be handed on with: libvips (LGPL) is a shared library of its own beside sharp. */
export const ACCEPTED: readonly string[] = [
    '0BSD',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BlueOak-1.0.0',
    'CC0-1.0',
    'ISC',
    'LGPL-3.0-or-later',
    'MIT',
];

/** Packages whose install scripts are known: what they would do, and why it is not needed. */
export const KNOWN_INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
    'onnxruntime-node': "downloads CUDA's libraries; the ones for the CPU, WebGPU and DirectML are in the package",
};

/** The packages that are installed without `--include=dev`, by name. */
export function dependencies(): readonly Dependency[] {
    const packages = lock.packages as Readonly<Record<string, Locked>>;
    return Object.entries(packages)
        .filter(([path, { dev }]) => path !== '' && !dev)
        .map(([path, { version = '', license = 'none stated', hasInstallScript = false }]) => ({
            name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
            version,
            licence: license,
            hasInstallScript,
        }))
        .sort((a, b) => a.name.localeCompare(b.name));
}

/** Whether an SPDX expression can be met: with AND all of its licences are accepted, with OR one of them. */
export function isAccepted(licence: string): boolean {
    const words = licence.replace(/^\((.*)\)$/, '$1');
    if (words.includes(' AND ')) return words.split(' AND ').every(isAccepted);
    if (words.includes(' OR ')) return words.split(' OR ').some(isAccepted);
    return ACCEPTED.includes(words);
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
    const all = dependencies();
    if (argv.includes('--json')) console.log(JSON.stringify(all, null, 2));
    else
        for (const { name, version, licence, hasInstallScript } of all) {
            console.log(
                `${name}@${version}  ${licence}${hasInstallScript ? '  (has an install script, not run)' : ''}`,
            );
        }
}
