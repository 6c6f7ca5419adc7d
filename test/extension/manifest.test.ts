/** What the manifest promises: folders that are not trusted decide nothing, and nothing is offered that is not there. */
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json';

it('every setting of the machine is ignored in a folder that is not trusted', () => {
    const settings = Object.entries(manifest.contributes.configuration.properties);
    const ofMachine = settings.filter(([, { scope }]) => scope.startsWith('machine')).map(([name]) => name);
    expect(ofMachine).toContain('sdspec.hub.endpoint');
    expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.toSorted()).toEqual(ofMachine.toSorted());
});

it('the walkthrough leads to commands that are there, and to the text beside it where they are about the text', () => {
    const known = manifest.contributes.commands.map(({ command }) => command);
    const steps = manifest.contributes.walkthroughs.flatMap(({ steps }) => steps);
    const links = steps.flatMap(({ description }) => [
        ...description.matchAll(/\(command:(toSide:)?([\w.]+)(?:\?[\w%-]*)?\)/g),
    ]);
    expect(links.map(([, , command]) => command).filter((command) => !known.includes(command!))).toEqual([]);
    const beside = links.filter(([, toSide]) => toSide).map(([, , command]) => command);
    expect(beside).toEqual(['sdspec.newExperiment', 'sdspec.run', 'sdspec.run']);
});

it.each(['sdspec.run', 'sdspec.downloadModel'])('%s can not be chosen there', (name) => {
    const found = manifest.contributes.commands.find(({ command }) => command === name);
    expect(found?.enablement).toContain('isWorkspaceTrusted');
});

describe('in a browser with no machine behind it', () => {
    const { commands, menus, views, walkthroughs } = manifest.contributes;
    /** Conditions that hold only beside a machine; the last two are set by the extension there. */
    const BESIDE_A_MACHINE = /!isWeb \|\| remoteName|^sdspec\.(running|hasPicture)\b/;
    const conditionOf = (one: object) => ('when' in one ? String(one.when) : '');

    it('no command can be chosen', () => {
        const offered = commands.filter(({ enablement = '' }) => !BESIDE_A_MACHINE.test(enablement));
        expect(offered.map(({ command }) => command)).toEqual([]);
    });
    it('no view and no walkthrough is there', () => {
        const offered = [...Object.values(views).flat(), ...walkthroughs];
        expect(offered.filter((one) => !BESIDE_A_MACHINE.test(conditionOf(one))).map(({ id }) => id)).toEqual([]);
    });
    it('no menu of the editor has an entry', () => {
        const { commandPalette: _, 'view/title': __, 'view/item/context': ___, ...others } = menus;
        const offered = Object.values(others).flat();
        expect(offered.filter((one) => !BESIDE_A_MACHINE.test(conditionOf(one)))).toEqual([]);
    });
});
