/** What the manifest promises: folders that are not trusted decide neither what runs nor where downloads come from. */
import { expect, it } from 'vitest';
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
    const links = steps.flatMap(({ description }) => [...description.matchAll(/\(command:(toSide:)?([\w.]+)\)/g)]);
    expect(links.map(([, , command]) => command).filter((command) => !known.includes(command!))).toEqual([]);
    const beside = links.filter(([, toSide]) => toSide).map(([, , command]) => command);
    expect(beside).toEqual(['sdspec.newExperiment', 'sdspec.run']);
});

it.each(['sdspec.run', 'sdspec.downloadModel'])('%s can not be chosen there', (name) => {
    const found = manifest.contributes.commands.find(({ command }) => command === name);
    expect(found?.enablement).toContain('isWorkspaceTrusted');
});
