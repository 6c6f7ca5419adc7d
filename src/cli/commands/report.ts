/** `sdspec report`: a study as one HTML file for a paper's supplement or a colleague. */
import { existsSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { sizeWords } from '../../plan/amounts.ts';
import { cellsIn } from '../../plan/cells.ts';
import { OF_A_FILE, writeOnce, writeWhole } from '../../runtime/write-whole.ts';
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
        force: { short: 'f', help: 'Writes over a page and CSV files that are there.' },
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
        const csvFile = (name: string) => `${target.replace(/\.html?$/i, '')}-${name}.csv`;
        const withFigures = chosen.runs.filter(({ work }) => work.kind !== 'learn' || cellsIn(work).length > 0);
        if (!overwrite) requireFree([target, ...withFigures.map(({ name }) => csvFile(name))]);
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
        const runs = ended.flatMap(({ run, outcome }) => {
            if (outcome.kind !== 'done') return [];
            const csv = tables.some(({ name }) => name === run.name) ? { csv: basename(csvFile(run.name)) } : {};
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
        const files = [
            { file: target, text: html },
            ...tables.map(({ name, csv }) => ({ file: csvFile(name), text: csv })),
        ];
        // The runs took their time: what has come to be there since is kept too.
        if (!overwrite) requireFree(files.map(({ file }) => file));
        for (const { file, text } of files) {
            if (overwrite) await writeWhole(file, text, OF_A_FILE);
            else if (!(await writeOnce(file, text))) throw takenError([file]);
        }
        for (const { file } of files) console.log(relative(process.cwd(), file));
        console.error(`One page of ${sizeWords(Buffer.byteLength(html))}.`);
        for (const file of leftOut) console.error(`Too large for the page: ${file}`);
        return EXIT.done;
    },
};

/** @throws UsageError where one of the files is there: nothing of the user's is written over without being asked for. */
function requireFree(files: readonly string[]): void {
    const there = files.filter((file) => existsSync(file));
    if (there.length > 0) throw takenError(there);
}

function takenError(files: readonly string[]): UsageError {
    const [are, them] = files.length === 1 ? ['is', 'it'] : ['are', 'them'];
    const names = files.map((file) => relative(process.cwd(), file) || file).join(', ');
    return new UsageError(`${names} ${are} there already: name another with --to, or write over ${them} with --force.`);
}
