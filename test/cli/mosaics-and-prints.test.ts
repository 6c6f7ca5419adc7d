/** Mosaics and prints on the command line: run, locked, verified, and run again, as pictures and sweeps are. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePng } from '../../src/runtime/pictures/save.ts';
import { builtSdspec, folderWith } from './sdspec.ts';

const sdspec = builtSdspec();

const SPEC = `model sketch = "builtin:sketch"
upscaler up = "builtin:sketch-up"

generate turtle {
    use    sketch
    prompt "drawing of a turtle"
    size   64x64
    steps  1
    seed   1
}

mosaic wall {
    of    turtle
    grid  2x2
    tiles via turtle strength 1
    expect { time <= 600s }
}

print card {
    of      turtle
    upscale up
    paper   2x2cm at 300dpi bleed 1mm
    expect { time <= 600s }
}
`;

it('a mosaic and a print are run, locked, verified and up to date', { timeout: 180_000 }, async () => {
    const cwd = folderWith({ 'a.sdspec': SPEC });
    const call = (...args: string[]) => sdspec(args, { cwd });
    const run = await call('run', 'a.sdspec', 'wall', 'card', '--json', '--device', 'cpu');
    expect(run.code).toBe(0);
    const done = run.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ kind }) => kind === 'done');
    expect(done.map(({ name, record }) => [name, record.kind, record.state])).toEqual([
        ['wall', 'mosaic', 'complete'],
        ['card', 'print', 'complete'],
    ]);
    // Four of the pool, and one per place.
    expect(done[0].record.mosaic).toMatchObject({ tilesPlaced: 4, tilesMade: 8 });
    expect(done[1].record.print.stages.map(({ kind }: { kind: string }) => kind)).toEqual(['subject']);

    expect((await call('lock', 'a.sdspec', 'wall', 'card')).code).toBe(0);
    const lock = readFileSync(join(cwd, 'sdspec.lock'), 'utf8');
    expect(lock).toMatch(/^output a\.sdspec card /m);
    expect(lock).toMatch(/^output a\.sdspec wall /m);
    const verified = await call('verify', 'a.sdspec', 'wall', 'card');
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/identical +wall: 1 picture/);
    expect(verified.stdout).toMatch(/identical +card: 1 picture/);

    const runs = join(cwd, '.sdspec', 'runs', 'card');
    const black = await encodePng({ width: 8, height: 8, data: new Uint8Array(192) });
    writeFileSync(join(runs, readdirSync(runs)[0]!, 'print.png'), black);
    expect((await call('verify', 'a.sdspec', 'card')).code).toBe(1);
    const again = await call('run', 'a.sdspec', 'wall', '--device', 'cpu');
    expect(again.stderr).toContain('up to date');
});

it('a print without upscalers names no device, and says that nothing enlarges it', async () => {
    const paper = 'print plain { of photo paper 2x2cm at 300dpi }';
    const cwd = folderWith({ 'a.sdspec': `image photo = "./photo.png"\n${paper}\n` });
    writeFileSync(join(cwd, 'photo.png'), await encodePng({ width: 8, height: 8, data: new Uint8Array(192) }));
    const { code, stderr } = await sdspec(['run', 'a.sdspec'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^plain: picture in .* s$/m);
    expect(stderr).toContain('29.5 times the picture; nothing enlarges it.');
});
