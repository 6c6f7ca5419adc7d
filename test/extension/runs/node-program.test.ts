/** The user's own node is taken where the extension's binaries fit it. */
import { expect, it } from 'vitest';
import { suits } from '../../../src/extension/runs/node-program.ts';

it.each([
    ['v20.19.0', 'darwin', 'arm64', true],
    ['v22.1.0', 'darwin', 'arm64', true],
    ['v20.18.3', 'darwin', 'arm64', false],
    ['v22.1.0', 'darwin', 'x64', false],
    ['v22.1.0', 'linux', 'arm64', false],
])('%s for %s on %s suits an arm64 Mac: %s', (version, platform, arch, fits) => {
    const answer = `${JSON.stringify([version, platform, arch])}\n`;
    expect(suits(answer, { platform: 'darwin', arch: 'arm64' })).toBe(fits);
});
