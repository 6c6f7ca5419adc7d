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
