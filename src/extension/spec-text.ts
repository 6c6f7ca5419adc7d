/** Resolved settings as spec text: for reading, for diffs, and for pictures that come from elsewhere. */
import { curveWords, figure } from '../language/lsp/curve-text.ts';
import { type Curve, constant, isConstant } from '../plan/curve.ts';
import type {
    Conditioning,
    Control,
    FileRef,
    Infusion,
    ModelRef,
    Phrase,
    PicturePlan,
    PictureSource,
    Prompt,
    SiteWeight,
    Start,
    Work,
} from '../plan/plan.ts';
import { Ingredients } from './ingredients.ts';

/** The work in the language's own words. Every setting is written, so that two texts can be compared line by line. */
export function specText(name: string, work: Work): string {
    switch (work.kind) {
        case 'picture':
            return pictureText(name, work);
        case 'sweep': {
            const axes = work.axes.map((axis) => `//     ${axis.name}: ${axis.values.join(' | ')}`);
            const first = work.cells[0];
            const head = `// A sweep of ${work.cells.length} plans over\n${axes.join('\n')}\n// Its first plan:\n\n`;
            return first ? head + pictureText(name, first.plan) : head;
        }
        case 'mosaic': {
            const { columns, rows } = work.grid;
            const head = `// A mosaic of ${columns}x${rows} tiles, depth ${work.depth}, strength ${figure(work.tiles.strength)}.\n`;
            return `${head}// Every tile is made with:\n\n${pictureText(name, work.tiles.via)}`;
        }
        case 'print': {
            const { paper, dpi, upscale } = work;
            const head = `// A print of ${figure(paper.width)}x${figure(paper.height)}cm at ${dpi}dpi`;
            if (upscale.kind === 'upscaler') return `${head}, enlarged by ${upscale.path}.\n`;
            return `${head}, enlarged by strength ${figure(upscale.strength)} with:\n\n${pictureText(name, upscale.via)}`;
        }
    }
}

/** One plan as a `generate` with the ingredients that it needs; `existing` is the text that it will join. */
export function pictureText(name: string, plan: PicturePlan, existing = ''): string {
    const known = new Ingredients(existing);
    const title = known.free(name);
    const clauses: (readonly [clause: string, value: string])[] = [
        ['use', modelName(known, plan.model)],
        ['prompt', conditioningText(known, plan.conditioning)],
        ...(plan.negative.phrases.length > 0 ? [['negative', promptText(plan.negative)] as const] : []),
        ['size', `${plan.size.width}x${plan.size.height}`],
        ['steps', String(plan.steps)],
        ['sampler', samplerText(plan)],
        ['guidance', curveWords(plan.guidance.scale) + optional(' rescale', plan.guidance.rescale, 0)],
        ['seed', seedsText(plan.seeds)],
        ['noise', plan.noise.kind === 'file' ? fileText(plan.noise) : plan.noise.kind],
        ...(plan.clipSkip > 0 ? [['clip', `skip ${plan.clipSkip}`] as const] : []),
        ...(plan.longPrompts === 'chunk' ? [['long', 'prompts chunk'] as const] : []),
        ...(plan.start ? [['start', startText(known, plan.start)] as const] : []),
        ...(plan.mask
            ? [
                  [
                      'mask',
                      `${plan.mask.outside ? 'outside ' : ''}${pictureName(known, plan.mask.picture)} feather ${figure(plan.mask.feather)}px`,
                  ] as const,
              ]
            : []),
        ...(plan.outpaint ? [['outpaint', outpaintText(plan.outpaint)] as const] : []),
        ...plan.infusions.map((one) => ['infuse', infusionText(known, one)] as const),
        ...(plan.scales.length > 0 ? [['scale', sitesText(plan.scales)] as const] : []),
        ...plan.adapters.map((one) => {
            const lora = known.name('lora', stem(one.file.path), fileText(one.file));
            return ['apply', `${lora} weight ${figure(one.weight)}`] as const;
        }),
        ...plan.controls.map((one) => ['control', controlText(known, one)] as const),
        ...(plan.trace ? [['trace', traceText(plan)] as const] : []),
    ];
    for (const { token, file } of plan.embeddings) known.name('embedding', token, fileText(file));
    const width = Math.max(...clauses.map(([clause]) => clause.length)) + 1;
    const body = clauses.map(([clause, value]) => `    ${clause.padEnd(width)}${value}`);
    const declarations = known.lines.length > 0 ? `${known.lines.join('\n')}\n\n` : '';
    return `${declarations}generate ${title} {\n${body.join('\n')}\n}\n`;
}

function modelName(known: Ingredients, model: ModelRef): string {
    switch (model.kind) {
        case 'builtin':
            return known.name('model', model.name, quote(`builtin:${model.name}`));
        case 'file':
            return known.name('model', stem(model.path), fileText(model));
        case 'hub': {
            const text = `${quote(`hf:${model.repository}`)} revision ${quote(model.revision)}`;
            return known.name('model', stem(model.repository), text);
        }
    }
}

function pictureName(known: Ingredients, picture: PictureSource): string {
    switch (picture.kind) {
        case 'file':
            return known.name('image', stem(picture.path), fileText(picture));
        case 'edges': {
            const of = pictureName(known, picture.of);
            return known.name('image', `${of}_edges`, `edges of ${of} low ${picture.low} high ${picture.high}`);
        }
        case 'made':
            return picture.name;
    }
}

function conditioningText(known: Ingredients, conditioning: Conditioning): string {
    if (conditioning.kind === 'prompt') return promptText(conditioning.prompt) || '""';
    const lines = conditioning.members.map(({ name, prompt, weight }) => {
        const words = prompt.phrases.length === 1 ? phraseText(prompt.phrases[0]!) : `{ ${promptText(prompt)} }`;
        return `${name ? `${name} ` : ''}${words} weight ${curveWords(weight)}`;
    });
    const over = conditioning.over === 'predictions' ? '' : ` over ${conditioning.over}`;
    return known.block('ensemble', 'mixture', over, lines);
}

function promptText({ phrases }: Prompt): string {
    return phrases.map(phraseText).join(', ');
}

function phraseText({ text, weight }: Phrase): string {
    return `${quote(text)}${optional(' weight', weight, 1)}`;
}

function samplerText({ sampler }: PicturePlan): string {
    const on = sampler.schedule === 'normal' ? '' : ` on ${sampler.schedule}`;
    const eta = sampler.name === 'ddim' ? ` eta ${figure(sampler.eta)}` : '';
    return `${sampler.name}${on}${eta}${sampler.spacing ? ` spacing ${sampler.spacing}` : ''}`;
}

function seedsText(seeds: readonly number[]): string {
    const first = seeds[0] ?? 0;
    const run = seeds.length > 1 && seeds.every((seed, index) => seed === first + index);
    return run ? `${first}..${first + seeds.length - 1}` : seeds.join(', ');
}

function startText(known: Ingredients, { pictures, mixing, strength }: Start): string {
    const from = pictures.map(
        ({ picture, weight }) =>
            `${pictureName(known, picture)}${pictures.length > 1 ? ` weight ${figure(weight)}` : ''}`,
    );
    const mixed = pictures.length > 1 ? ` mixing ${mixing}` : '';
    return `from ${from.join(', ')}${mixed} strength ${figure(strength)}`;
}

function outpaintText(sides: NonNullable<PicturePlan['outpaint']>): string {
    return (['left', 'right', 'top', 'bottom'] as const)
        .filter((side) => sides[side] > 0)
        .map((side) => `${side} ${sides[side]}px`)
        .join(', ');
}

function infusionText(known: Ingredients, one: Infusion): string {
    const pictures = one.pictures.map(({ picture, weight }) => {
        const share = one.pictures.length > 1 && weight !== 1 ? ` share ${figure(weight)}` : '';
        return pictureName(known, picture) + share;
    });
    const words = one.text.kind === 'caption' ? `caption ${promptText(one.text.caption)}` : one.text.kind;
    const settings = [
        isNeutral(one.weight) ? '' : ` weight ${curveWords(one.weight)}`,
        optional(' decay', one.decay, 1),
        windowText(one.window),
        ` latent ${one.latent} text ${words} rows ${one.rows} normalise ${one.normalise}`,
    ];
    return `${pictures.join(', ')}${settings.join('')} ${sitesText(one.sites)}`;
}

function sitesText(sites: readonly SiteWeight[]): string {
    return `{\n${sites.map(({ site, weight }) => `        ${site} ${curveWords(weight)}`).join('\n')}\n    }`;
}

function controlText(known: Ingredients, one: Control): string {
    const net = known.name('controlnet', stem(one.net.path), fileText(one.net));
    const weight = isNeutral(one.weight) ? '' : ` weight ${curveWords(one.weight)}`;
    return `${net} by ${pictureName(known, one.picture)}${weight}${windowText(one.window)}`;
}

function traceText({ trace, steps }: PicturePlan): string {
    if (!trace) return '';
    const points = trace.steps.map((step) => `${figure((100 * step) / Math.max(1, steps - 1))}%`);
    const words = trace.attention.length > 0 ? ` attention ${trace.attention.map(quote).join(', ')}` : '';
    return `at ${points.join(', ')}${trace.completed ? ' completed' : ''}${optional(' finish', trace.finish, 0)}${words}`;
}

function windowText({ from, to }: Infusion['window']): string {
    return from === 0 && to === 1 ? '' : ` during ${figure(from * 100)}%..${figure(to * 100)}%`;
}

function isNeutral(curve: Curve): boolean {
    return isConstant(curve) && curve.keys[0]?.value === constant(1).keys[0]?.value;
}

function optional(word: string, value: number, neutral: number): string {
    return value === neutral ? '' : `${word} ${figure(value)}`;
}

function fileText({ path, sha256 }: FileRef): string {
    const relative = /^(\.{0,2}\/|[A-Za-z]:)/.test(path) ? path : `./${path}`;
    return quote(relative) + (sha256 ? ` sha256:${sha256}` : '');
}

export function quote(text: string): string {
    const escaped = text.replace(/[\\"{<]/g, (character) => `\\${character}`).replace(/\n/g, '\\n');
    return `"${escaped}"`;
}

function stem(path: string): string {
    return (
        path
            .split('/')
            .at(-1)
            ?.replace(/\.[^.]*$/, '') ?? path
    );
}
