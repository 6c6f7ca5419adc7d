/** `sdspec report`: a study as one HTML file for a paper's supplement or a colleague. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { sizeWords } from '../../plan/amounts.ts';
import { writeWhole } from '../../runtime/write-whole.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { chooseRuns, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { openSpec } from '../specs.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

export const report: Command = {
    name: 'report',
    arguments: 'FILE [NAME…]',
    summary: 'Writes a study as one HTML file: its comments, pictures, tables, curves and the spec in colour.',
    help: `Makes what is missing, then writes a page that needs no other file and no network, and that prints well. The comment at the
top of the spec introduces it, doc comments (/** … */) introduce each run. What a sweep measures is drawn and tabulated; the
weights of infusions are drawn at the layers of the U-Net. Beside the page is a CSV file for each run, with a row for each
picture.

Examples:
  sdspec report study.sdspec                      study.html in this folder
  sdspec report study.sdspec sets guided --to supplement.html --title "Which layers?"`,
    options: {
        to: { value: 'PAGE', help: 'Where to write; the name of the spec with .html, in this folder, by default.' },
        title: { value: 'TEXT', help: 'The heading; the name of the spec by default.' },
        force: { short: 'f', help: 'Writes over a page that is there.' },
        param: RUN_OPTIONS.param,
        device: RUN_OPTIONS.device,
        threads: RUN_OPTIONS.threads,
        out: RUN_OPTIONS.out,
        verbose: RUN_OPTIONS.verbose,
    },
    async run(call) {
        const { force: overwrite, ...options } = runOptions(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const { spec } = chosen;
        const target = resolve(call.value('to') ?? spec.name.replace(/\.sdspec$/, '.html'));
        if (existsSync(target) && !overwrite) {
            throw new UsageError(`${target} is there already: name another with --to, or write over it with --force.`);
        }
        const ended = await runAll(chosen, startRuntime({ verbose: call.flag('verbose') }), options);
        for (const { run, outcome } of ended)
            if (outcome.kind === 'failed') console.error(`${run.name}: ${outcome.failure.message}`);
        const code = exitCode(ended);
        if (code !== EXIT.done) return code;
        const { reportOf } = await import('../report/report.ts');
        const { figuresCsv } = await import('../report/csv.ts');
        const tables = ended.flatMap(({ run, outcome }) => {
            const csv = outcome.kind === 'done' ? figuresCsv(outcome.record) : undefined;
            return csv === undefined ? [] : [{ name: run.name, csv }];
        });
        const csvName = (name: string) => `${basename(target).replace(/\.html?$/i, '')}-${name}.csv`;
        const runs = ended.flatMap(({ run, outcome }) => {
            if (outcome.kind !== 'done') return [];
            const csv = tables.some(({ name }) => name === run.name) ? { csv: csvName(run.name) } : {};
            return [{ run, record: outcome.record, folder: outcome.folder, ...csv }];
        });
        const [, ...imports] = await spec.files();
        const { html, leftOut } = reportOf({
            title: call.value('title') ?? basename(spec.name, '.sdspec'),
            spec: spec.name,
            description: spec.describe(),
            imports: await Promise.all(
                imports.map(async (file) => ({
                    name: relative(spec.base, file),
                    description: (await openSpec(file)).describe(),
                })),
            ),
            runs,
        });
        await writeWhole(target, html);
        for (const { name, csv } of tables) await writeWhole(join(dirname(target), csvName(name)), csv);
        for (const file of [target, ...tables.map(({ name }) => join(dirname(target), csvName(name)))])
            console.log(relative(process.cwd(), file));
        console.error(`One page of ${sizeWords(Buffer.byteLength(html))}.`);
        for (const file of leftOut) console.error(`Too large for the page: ${file}`);
        return EXIT.done;
    },
};
