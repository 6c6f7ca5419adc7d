/** A study as one HTML file that needs nothing else: prose, pictures, tables, curves, the spec, versions. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SpecDescription } from '../../language/write/describe.ts';
import { hasWeights, layerWeightsOf } from '../../language/write/layer-weights.ts';
import { count, timeWords } from '../../plan/amounts.ts';
import { escaped } from '../../plan/formats/markup.ts';
import { modelName } from '../../plan/model-names.ts';
import { plansOf } from '../../plan/parts.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { Run } from '../../plan/run.ts';
import type { RunRecord } from '../../runtime/run/record.ts';
import { prose, table } from './html.ts';
import { lossChart } from './loss.ts';
import { measuresOf } from './measured.ts';
import { STYLE } from './style.ts';
import { unetOf } from './unet.ts';

export interface ReportedRun {
    readonly run: Run;
    readonly record: RunRecord;
    /** Absolute. */
    readonly folder: string;
    /** Its figures, beside the report. */
    readonly csv?: string;
}

export interface Study {
    readonly title: string;
    /** The name of the spec's file. */
    readonly spec: string;
    readonly description: SpecDescription;
    /** Names and texts of what the spec imports. */
    readonly imports: readonly { readonly name: string; readonly description: SpecDescription }[];
    readonly runs: readonly ReportedRun[];
}

export interface ReportPage {
    readonly html: string;
    /** Pictures that are too large to be part of it. */
    readonly leftOut: readonly string[];
}

/** A picture beyond this size is left out: a page of hundreds of megabytes can't be read. */
const MAX_PICTURE_BYTES = 24 * 2 ** 20;
/** Of a run with a sheet the single pictures are not shown too. */
const MAX_PICTURES = 24;

export function reportOf(study: Study): ReportPage {
    const { title, description, runs } = study;
    const leftOut: string[] = [];
    const sections = runs.map((run) => sectionOf(run, study, leftOut));
    const contents =
        runs.length > 1
            ? `<nav><ol>${runs.map(({ run }) => `<li><a href="#${escaped(run.name)}">${escaped(run.name)}</a></li>`).join('')}</ol></nav>`
            : '';
    const texts = [{ name: study.spec, description }, ...study.imports].map(
        ({ name, description: { text } }) =>
            `<h3>${escaped(name)}</h3>\n<pre>${text.map(({ text: piece, colour }) => (colour === 'plain' ? escaped(piece) : `<span class="${colour}">${escaped(piece)}</span>`)).join('')}</pre>`,
    );
    const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1>${prose(description.introduction)}${contents}</header>
<main>
${sections.join('\n')}
<section id="spec-text"><h2>The spec</h2>
${texts.join('\n')}
</section>
${provenance(runs)}
</main>
</body>
</html>
`;
    return { html, leftOut };
}

function sectionOf(reported: ReportedRun, { description }: Study, leftOut: string[]): string {
    const { run, record, csv } = reported;
    const about = description.runnables.find(({ name }) => name === run.name);
    const [plan] = plansOf(run.work);
    const drawings = plan
        ? plan.infusions
              .map((infusion) => layerWeightsOf(infusion, plan))
              .filter(hasWeights)
              .map(unetOf)
        : [];
    const parts = [
        `<h2>${escaped(run.name)} <small>${escaped(run.work.kind)}</small></h2>`,
        prose(about?.doc ?? ''),
        settingsOf(run, plan),
        picturesOf(reported, leftOut),
        run.work.kind === 'sweep' ? measuresOf(record, run.work) : '',
        lossOf(reported),
        drawings.length > 0 ? `<div class="row">${drawings.join('')}</div>` : '',
        expectationsOf(record),
        `<p class="quiet">${madeText(record)}${csv ? ` · figures: ${escaped(csv)}` : ''}</p>`,
    ];
    return `<section id="${escaped(run.name)}">\n${parts.filter(Boolean).join('\n')}\n</section>`;
}

function settingsOf({ work }: Run, plan: PicturePlan | undefined): string {
    const rows: [string, string][] = [];
    if (work.kind === 'sweep') for (const { name, values } of work.axes) rows.push([name, values.join(', ')]);
    if (work.kind === 'learn')
        rows.push(['model', modelName(work.model)], ['steps', String(work.steps)], ['rate', String(work.rate)]);
    if (plan && work.kind !== 'learn') {
        const swept = new Set(rows.map(([name]) => name));
        const { width, height } = plan.size;
        const settings: readonly [string, string][] = [
            ['model', modelName(plan.model)],
            ['size', `${width} × ${height}`],
            ['steps', String(plan.steps)],
            ['sampler', `${plan.sampler.name} on ${plan.sampler.schedule}`],
            [
                'seed',
                work.kind === 'sweep' ? '' : plan.seeds.slice(0, 12).join(', ') + (plan.seeds.length > 12 ? ' …' : ''),
            ],
        ];
        rows.push(...settings.filter(([name, value]) => value !== '' && !swept.has(name)));
    }
    if (rows.length === 0) return '';
    const items = rows.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
    return `<dl>${items.join('')}</dl>`;
}

function picturesOf({ run, record, folder }: ReportedRun, leftOut: string[]): string {
    const embedded = (file: string, caption: string, kind = 'picture') => {
        const path = join(folder, file);
        const size = statSync(path, { throwIfNoEntry: false })?.size;
        if (size === undefined) return '';
        if (size > MAX_PICTURE_BYTES) {
            leftOut.push(path);
            return `<p class="quiet">${escaped(file)} is too large to be shown here.</p>`;
        }
        const type = file.endsWith('.webp') ? 'webp' : 'png';
        const data = readFileSync(path).toString('base64');
        return `<figure class="${kind}"><img src="data:image/${type};base64,${data}" alt="${escaped(caption)}"><figcaption>${escaped(caption)}</figcaption></figure>`;
    };
    if (record.sheet) {
        return [
            embedded(record.sheet, `${run.name}: ${count(record.pictures.length, 'picture')}`, 'sheet'),
            ...(record.animation ? [embedded(record.animation, `${run.name}, one after the other`)] : []),
        ].join('\n');
    }
    const shown = record.pictures.slice(0, MAX_PICTURES);
    const figures = shown.map(({ file, seed, trace }) => {
        const strip = trace ? embedded(trace.strip, `The way of seed ${seed}`, 'sheet') : '';
        return embedded(file, `seed ${seed}`) + strip;
    });
    const more = record.pictures.length - shown.length;
    const rest = more > 0 ? `<p class="quiet">And ${count(more, 'more picture')}.</p>` : '';
    return `<div class="row">${figures.join('\n')}</div>${rest}`;
}

function lossOf({ record: { learnt }, folder }: ReportedRun): string {
    const file = learnt && join(folder, learnt.curve);
    return file && existsSync(file) ? lossChart(readFileSync(file, 'utf8')) : '';
}

function expectationsOf({ expectations = [] }: RunRecord): string {
    if (expectations.length === 0) return '';
    const rows = expectations.map(({ verdict, message }) => [escaped(verdict), escaped(message)]);
    return table(['expected', 'found'], rows);
}

function madeText({ seconds, device, versions, cells, started, workers }: RunRecord): string {
    const who = workers && workers.length > 1 ? ` by ${workers.length} workers` : '';
    const date = started.slice(0, 10);
    return escaped(
        `${count(cells, 'picture')} in ${timeWords(seconds)} on ${device.used || 'an unknown device'}${who}, ${date} · sdspec ${versions['sdspec']}`,
    );
}

/** Versions, devices, models and inputs of all runs, each once. */
function provenance(runs: readonly ReportedRun[]): string {
    const records = runs.map(({ record }) => record);
    const versions = unique(
        records.map(({ versions: all, device, cpu }) =>
            [...Object.entries(all).map((pair) => pair.join(' ')), `device ${device.used}`, ...(cpu ? [cpu] : [])].join(
                ' · ',
            ),
        ),
    );
    const files = unique(
        records.flatMap(({ models, inputs }) => [
            ...models.flatMap(({ name, files: own }) =>
                own.map(({ path, sha256 }) => JSON.stringify([name, path, sha256])),
            ),
            ...inputs.map(({ path, sha256 }) => JSON.stringify(['input', path, sha256])),
        ]),
    ).map((text) => JSON.parse(text) as readonly string[]);
    const digests = records.map(({ name, digest }) => [escaped(name), `<code>${digest}</code>`]);
    return `<section id="provenance"><h2>What it was made with</h2>
${versions.map((line) => `<p>${escaped(line)}</p>`).join('\n')}
${
    files.length > 0
        ? table(
              ['of', 'file', 'sha256'],
              files.map(([of, path, sha256]) => [escaped(of!), escaped(path!), `<code>${sha256}</code>`]),
              'Models and inputs',
          )
        : ''
}
${table(['run', 'digest of its plan'], digests, 'Runs')}
</section>`;
}

function unique(values: readonly string[]): readonly string[] {
    return [...new Set(values)];
}
