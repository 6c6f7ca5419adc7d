/** Params where sizes, samplers, sets of weights, paths and numbers are written, and learned words in their values. */
import { expect, test } from 'vitest';
import { digest } from '../../../src/plan/digest.ts';
import type { PicturePlan } from '../../../src/plan/plan.ts';
import { plan, refused } from '../workbench.ts';

const FILES = { 'cat.png': [128, 128], 'dog.png': [128, 128] } as const;

test('a size, a sampler, a schedule and a set of weights are params, declared, given, swept and set by `with`', async () => {
    const head = `param big = 192x128 param how = "euler" param along = "karras" param set = "fine" param often = 4
        image cat = "cat.png"
        weights fine { up.3 0.2 }
        weights deep { mid 0.4 }
        generate g {
            prompt "a cat" size big sampler how on along infuse cat with set trace every often finish often steps 8
        }\n`;
    const short = (work: PicturePlan) => [
        `${work.size.width}x${work.size.height}`,
        `${work.sampler.name} on ${work.sampler.schedule}`,
        work.infusions[0]?.sites.map(({ site }) => site).join(' '),
        work.trace?.after.join(' '),
        work.trace?.finish,
    ];
    const files = FILES;
    expect(short(await plan('picture', head, { files }))).toEqual(['192x128', 'euler on karras', 'up.3', '4 8', 4]);
    const params = { big: '64x64', how: 'dpmpp-2m', along: 'exponential', set: 'deep', often: '8' };
    const given = ['64x64', 'dpmpp-2m on exponential', 'mid', '8', 8];
    expect(short(await plan('picture', head, { files, params }))).toEqual(given);
    const heir = `${head}generate h extends g with big = 64x64, how = "dpmpp-2m", along = "exponential", set = "deep", often = 8 { }`;
    expect(short(await plan('picture', heir, { files, name: 'h' }))).toEqual(given);
    const axes = `sweep s over g together { big in [64x64, 128x128] set in ["deep", "fine"] how in ["lms", "euler"] }`;
    const { cells } = await plan('sweep', head + axes, { files });
    expect(cells.map((cell) => [...short(cell.plan).slice(0, 3), cell.labels['big']])).toEqual([
        ['64x64', 'lms on karras', 'mid', '64x64'],
        ['128x128', 'euler on karras', 'up.3', '128x128'],
    ]);
});

test('paths have params in braces, thresholds of edges are params', async () => {
    const text = `param animal = "cat" param low = 50
        image subject = "{animal}.png"
        image lines = edges of subject low low high 120
        generate g { prompt "a {animal}" start from subject strength 0.5 }
        sweep s over g { animal in ["cat", "dog"] }
        generate h { prompt "x" start from lines }`;
    const pathOf = (work: PicturePlan) => work.start?.pictures[0]?.picture;
    expect(pathOf(await plan('picture', text, { files: FILES, name: 'g' }))).toEqual({ kind: 'file', path: 'cat.png' });
    const params = { animal: 'dog' };
    expect(pathOf(await plan('picture', text, { files: FILES, name: 'g', params }))).toEqual({
        kind: 'file',
        path: 'dog.png',
    });
    const { cells } = await plan('sweep', text, { files: FILES, name: 's' });
    expect(cells.map((cell) => pathOf(cell.plan))).toEqual([
        { kind: 'file', path: 'cat.png' },
        { kind: 'file', path: 'dog.png' },
    ]);
    expect(pathOf(await plan('picture', text, { files: FILES, name: 'h' }))).toMatchObject({ low: 50, high: 120 });
});

test('paths of LoRAs, learned words, networks and upscalers have params in braces', async () => {
    const text = `param style = "ink" param part = "edges"
        image cat = "cat.png"
        lora drawn = "weights/{style}.safetensors"
        embedding pip = "builtin:sketch-{who}"
        param who = "pip"
        controlnet net = "builtin:sketch-{part}"
        upscaler larger = "{style}-x4.safetensors"
        generate g { prompt "a <pip>" apply drawn control net by cat }
        print p { of cat upscale larger paper 10x10cm at 100dpi }
        sweep s over g { style in ["ink", "oil"] }`;
    const weights = 'weights';
    const files = {
        ...FILES,
        [`${weights}/ink.safetensors`]: '',
        [`${weights}/oil.safetensors`]: '',
        'ink-x4.safetensors': '',
    };
    const work = await plan('picture', text, { files, name: 'g' });
    expect(work.adapters.map(({ file }) => file)).toEqual([{ path: 'weights/ink.safetensors' }]);
    expect(work.embeddings.map(({ file }) => file)).toEqual([{ path: 'builtin:sketch-pip' }]);
    expect(work.controls.map(({ net }) => net)).toEqual([{ path: 'builtin:sketch-edges' }]);
    const params = { style: 'oil' };
    const given = await plan('picture', text, { files, name: 'g', params });
    expect(given.adapters.map(({ file }) => file)).toEqual([{ path: 'weights/oil.safetensors' }]);
    const { cells } = await plan('sweep', text, { files, name: 's' });
    expect(cells.map((cell) => cell.plan.adapters[0]?.file)).toEqual([
        { path: 'weights/ink.safetensors' },
        { path: 'weights/oil.safetensors' },
    ]);
    const print = await plan('print', text, { files, name: 'p' });
    expect(print.steps).toMatchObject([{ kind: 'upscaler', file: { path: 'ink-x4.safetensors' } }]);
});

test('values that do not fit are reported with what fits, wherever they come from', async () => {
    const head = `param big = 64x64 param how = "euler" param set = "fine"
        image cat = "cat.png"
        weights fine { up.3 0.2 }
        generate g { prompt "a cat" size big sampler how infuse cat with set }\n`;
    const codes = (params: Record<string, string>) => refused(head, { files: FILES, params });
    expect(await codes({ big: 'large' })).toEqual(['param/size']);
    expect(await codes({ big: '65x64' })).toEqual(['param/size']);
    expect(await codes({ how: 'oiler' })).toEqual(['param/sampler']);
    expect(await codes({ set: 'coarse' })).toEqual(['param/weights']);
});

test('lengths, windows, points of the steps and step numbers are params, declared, given, swept and set by `with`', async () => {
    const head = `param side = 128px param lap = 32px param soft = 4px param wider = 32px
        param early = 20% param late = 60% param first = 2 param last = 5
        image cat = "cat.png" image white = "white.png"
        generate g {
            prompt "a cat" during 0%..late, "a dog" during late..100%
            size 256x128 windows side overlap lap steps 10 guidance 5 during step first..last
            start from cat strength 1 mask white feather soft outpaint left wider, top 8px
            infuse cat during early..late { up.3 0.1 } trace at early, late, 100%
        }\n`;
    const files = { ...FILES, 'white.png': [128, 128] } as const;
    const short = (work: PicturePlan) => [
        `${work.windows?.side} ${work.windows?.overlap}`,
        work.mask?.feather,
        `${work.outpaint?.left} ${work.outpaint?.top}`,
        work.infusions[0]?.window,
        work.guidance.window,
        work.trace?.after.join(' '),
    ];
    const declared = ['128 32', 4, '32 8', { from: 0.2, to: 0.6 }, { firstStep: 2, lastStep: 5 }, '2 6 10'];
    const work = await plan('picture', head, { files });
    expect(short(work)).toEqual(declared);
    const written = head.replaceAll(
        /\b(side|lap|soft|wider|early|late|first|last)\b(?! =)/g,
        (name) => new RegExp(`param ${name} = (\\S+)`).exec(head)![1]!,
    );
    expect(digest(await plan('picture', written, { files }))).toBe(digest(work));
    const params = {
        side: '64px',
        lap: '16px',
        soft: '8px',
        wider: '64px',
        early: '50%',
        late: '75%',
        first: '3',
        last: '3',
    };
    const given = ['64 16', 8, '64 8', { from: 0.5, to: 0.75 }, { firstStep: 3, lastStep: 3 }, '5 8 10'];
    expect(short(await plan('picture', head, { files, params }))).toEqual(given);
    const set = Object.entries(params).map(([name, value]) => `${name} = ${value}`);
    const heir = `${head}generate h extends g with ${set.join(', ')} { }`;
    expect(short(await plan('picture', heir, { files, name: 'h' }))).toEqual(given);
    const axes = 'sweep s over g together { side in [64px, 96px] late in [50%, 70%] }';
    const { cells } = await plan('sweep', head + axes, { files });
    expect(cells.map((cell) => [short(cell.plan)[0], short(cell.plan)[3], cell.labels['late']])).toEqual([
        ['64 32', { from: 0.2, to: 0.5 }, '50%'],
        ['96 32', { from: 0.2, to: 0.7 }, '70%'],
    ]);
});

test('mosaics, prints and what is learnt take params for their numbers, grids, lengths and papers', async () => {
    const head = `param cells = 4x4 param wide = 16px param many = 5 param levels = 2 param sheet = 10x15cm
        param fine = 150dpi param edge = 3mm param most = 8
        image cat = "cat.png"
        generate g { prompt "a cat" size 128x128 }
        mosaic m { of cat grid cells tiles via g tile wide vary many pool most depth levels zoom frames many width wide }
        print p { of cat upscale via g tile side overlap lap paper sheet at fine bleed edge }
        learn l { lora rank most alpha many from cat "x" trace every many "y" }
        learn pip { word like "animal" vectors many from cat "a <pip>" }
        param side = 128px param lap = 32px\n`;
    const files = FILES;
    expect(await plan('mosaic', head, { files, name: 'm' })).toMatchObject({
        grid: { columns: 4, rows: 4 },
        tiles: { vary: 5, pool: 8, size: { width: 16 } },
        depth: 2,
        zoom: { frames: 5, width: 16 },
    });
    const params = { cells: '3x3', wide: '24px', many: '6', levels: '3' };
    expect(await plan('mosaic', head, { files, name: 'm', params })).toMatchObject({
        grid: { columns: 3, rows: 3 },
        tiles: { vary: 6, size: { width: 24 } },
        depth: 3,
    });
    expect(await plan('print', head, { files, name: 'p', params: { sheet: '20x30cm', lap: '16px' } })).toMatchObject({
        paper: { width: 20, height: 30, dpi: 150, bleed: expect.closeTo(0.3) },
        steps: [{ tile: 128, overlap: 16 }],
    });
    expect(await plan('learn', head, { files, name: 'l', params: { most: '16' } })).toMatchObject({
        target: { rank: 16, alpha: 5 },
        trace: { every: 5 },
    });
    expect(await plan('learn', head, { files, name: 'pip' })).toMatchObject({ target: { vectors: 5 } });
    const codes = (name: string, given: Record<string, string>) => refused(head, { files, name, params: given });
    expect(await codes('m', { cells: '3x4' })).toEqual(['mosaic/square']);
    expect(await codes('m', { cells: '500x500' })).toEqual(['param/size']);
    expect(await codes('m', { wide: '2px' })).toEqual(['param/length']);
    expect(await codes('m', { many: '100' })).toEqual(['mosaic/vary']);
    expect(await codes('p', { sheet: '20x30' })).toEqual(['param/size']);
    expect(await codes('p', { sheet: '200x300cm', fine: '1200dpi' })).toEqual(['paper/large']);
    expect(await codes('p', { fine: '150' })).toEqual(['param/density']);
    expect(await codes('p', { edge: '9cm' })).toEqual(['param/length']);
    expect(await codes('p', { lap: '96px' })).toEqual(['tiles/overlap']);
    expect(await codes('l', { most: '0' })).toEqual(['learn/rank']);
});

test('what is learnt with other values is learnt apart', async () => {
    const text = `param most = 8
        image cat = "cat.png"
        learn l { lora rank most from cat "x" }
        generate g { prompt "y" apply l }
        generate h extends g with most = 16 { }
        generate both { prompt "z" infuse g, h { mid 0.1 } }`;
    const { infusions } = await plan('picture', text, { files: FILES });
    const ranks = infusions[0]?.pictures.map(({ picture }) => {
        const file = picture.kind === 'made' ? picture.plan.adapters[0]?.file : undefined;
        return file && 'plan' in file && file.plan.target.kind === 'lora' ? file.plan.target.rank : undefined;
    });
    expect(ranks).toEqual([8, 16]);
});

test('units belong to the value, and a window that a param turns round is refused', async () => {
    const head = `param side = 64px param early = 20% param first = 2
        generate g { prompt "a cat" size 256x256 windows side guidance 5 during early..60% trace at early }
        generate h { prompt "a cat" guidance 5 during step first..4 }\n`;
    const codes = (name: string, params: Record<string, string>) => refused(head, { name, params });
    expect(await codes('g', { side: '64' })).toEqual(['param/length']);
    expect(await codes('g', { side: '1cm' })).toEqual(['param/length']);
    expect(await codes('g', { side: '60px' })).toEqual(['param/length']);
    expect(await codes('g', { early: '60%' })).toEqual(['window/order']);
    expect(await codes('g', { early: '0.2' })).toEqual(['param/percent', 'param/percent']);
    expect(await codes('h', { first: '5' })).toEqual(['window/order']);
    expect(await codes('h', { first: '1.5' })).toEqual(['window/range']);
});

test('learned words in the value of a param are read as such', async () => {
    const head = `embedding pip = "builtin:sketch-pip"
        param who = "a <pip>"
        generate g { prompt "photo of {who} at home" }\n`;
    const words = async (text: string, more: Parameters<typeof plan>[2] = {}) => {
        const work = await plan('picture', text, { name: 'g', ...more });
        const said = work.conditioning.kind === 'prompt' ? work.conditioning.prompt.phrases[0]?.text : '';
        return [said, work.embeddings.map(({ token }) => token).join(' ')];
    };
    expect(await words(head)).toEqual(['photo of a <pip> at home', 'pip']);
    expect(await words(head, { params: { who: 'a cat' } })).toEqual(['photo of a cat at home', '']);
    expect(await words(head.replace('a <pip>"', 'a cat"'), { params: { who: '<pip>' } })).toEqual([
        'photo of <pip> at home',
        'pip',
    ]);
    const { cells } = await plan('sweep', `${head}sweep s over g { who in ["<pip>", "a cat"] }`);
    expect(cells.map(({ plan: { embeddings } }) => embeddings.length)).toEqual([1, 0]);
    // The same words written out are the same work.
    const written = await plan('picture', head.replace('{who}', 'a <pip>'), { name: 'g' });
    expect(digest(await plan('picture', head, { name: 'g' }))).toBe(digest(written));
});
