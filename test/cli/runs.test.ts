/** Lists of runs, and which of them clean deletes; what differs between two pictures. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { builtSdspec, folderWith } from './sdspec.ts';

const sdspec = builtSdspec();

const spec = (steps: number, seed = 1) => `model sketch = "builtin:sketch"

generate turtle {
    use    sketch
    prompt "a turtle"
    size   128x128
    steps  ${steps}
    seed   ${seed}
}
`;

it('lists runs, and deletes those that neither the lock nor the newest of a name needs', async () => {
    const cwd = folderWith({ 'a.sdspec': spec(2), 'b.sdspec': spec(3), 'c.sdspec': spec(4) });
    expect((await sdspec(['lock', 'a.sdspec'], { cwd, fake: true })).code).toBe(0);
    for (const file of ['b.sdspec', 'c.sdspec']) await sdspec(['run', file], { cwd, fake: true });
    const runs = join(cwd, '.sdspec', 'runs', 'turtle');
    const listed = JSON.parse((await sdspec(['runs', '--json'], { cwd })).stdout) as {
        digest: string;
        state: string;
        bytes: number;
    }[];
    expect(listed.map(({ state }) => state)).toEqual(['complete', 'complete', 'complete']);
    expect(listed.every(({ bytes }) => bytes > 100)).toBe(true);
    const [newest, middle, locked] = listed.map(({ digest }) => digest.slice(0, 16));

    const dry = await sdspec(['clean'], { cwd });
    expect(dry.stdout.trim().split('\n')).toHaveLength(1);
    expect(dry.stdout).toContain(middle!.slice(0, 8));
    expect(dry.stderr).toContain('Nothing is deleted yet');
    expect(readdirSync(runs)).toHaveLength(3);

    // A star keeps a run.
    const mark = join(runs, middle!, 'mark.json');
    writeFileSync(mark, JSON.stringify({ star: true, note: 'for the talk' }));
    expect((await sdspec(['clean'], { cwd })).stderr).toContain('every run is needed');
    expect((await sdspec(['runs'], { cwd })).stdout).toContain('★ for the talk');
    rmSync(mark);

    expect((await sdspec(['clean', '.', '--yes'], { cwd })).stderr).toMatch(/^1 run, .* deleted\./);
    expect(readdirSync(runs).toSorted()).toEqual([newest!, locked!].toSorted());
    expect((await sdspec(['clean'], { cwd })).stderr).toContain('every run is needed');
});

it('runs of an unknown name, and folders that are not there, are usage errors', async () => {
    const cwd = folderWith({ 'a.sdspec': spec(2) });
    expect(await sdspec(['runs', 'nowhere'], { cwd })).toMatchObject({ code: 2, stdout: '' });
    expect((await sdspec(['runs', '.', 'crab'], { cwd })).stderr).toContain('There is no run of crab. There are none');
    expect((await sdspec(['runs'], { cwd })).stderr).toContain('has no runs');
});

it('explains how two pictures differ', async () => {
    const cwd = folderWith({ 'a.sdspec': spec(2).replace('seed   1', 'seed   1, 2') });
    const { stdout } = await sdspec(['run', 'a.sdspec'], { cwd });
    const [one, two] = stdout.trim().split('\n') as [string, string];
    expect(existsSync(join(cwd, one))).toBe(true);
    const differs = await sdspec(['explain', one, two, '--json'], { cwd });
    expect([differs.code, JSON.parse(differs.stdout)]).toEqual([1, [{ setting: 'seed', a: '1', b: '2' }]]);
    expect(await sdspec(['explain', one, one], { cwd })).toMatchObject({ code: 0 });
    expect(await sdspec(['explain', one], { cwd })).toMatchObject({ code: 2 });
});
