/** Every package that comes with sdspec has a licence that it may be handed on with, and no unknown install script. */
import { expect, it } from 'vitest';
import { dependencies, isAccepted, KNOWN_INSTALL_SCRIPTS } from '../../scripts/dependencies.ts';

const all = dependencies();

it('licences are on the list', () => {
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(({ licence }) => !isAccepted(licence))).toEqual([]);
});

it('install scripts are known', () => {
    const withScripts = all.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(withScripts.filter((name) => !(name in KNOWN_INSTALL_SCRIPTS))).toEqual([]);
});

it('expressions of licences are read', () => {
    expect(isAccepted('(MIT OR GPL-3.0-only)')).toBe(true);
    expect(isAccepted('MIT AND GPL-3.0-only')).toBe(false);
    expect(isAccepted('none stated')).toBe(false);
});
