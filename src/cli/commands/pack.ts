/** `sdspec pack`: one archive that makes its pictures again elsewhere; `sdspec unpack`: a folder of it. */
import { existsSync, realpathSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { count, sizeWords } from '../../plan/amounts.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { chooseRuns, exitCode, runAll } from '../runs.ts';
import { startRuntime } from '../runtime.ts';
import { RUN_OPTIONS, runOptions } from './run.ts';

const { param, device, threads, verbose } = RUN_OPTIONS;

export const pack: Command = {
    name: 'pack',
    arguments: 'FILE [NAME…]',
    summary: 'Writes one archive with a spec, what it imports and reads, its lock, records and pictures.',
    help: `Makes what is missing, then writes a zip file that reruns elsewhere and that archives of research data read: it is an
RO-Crate (Process Run Crate 0.5). Weights are named by digest and source; with --weights, those that are files beside the
spec are packed too. Models of the hub are fetched where the archive is unpacked.

Examples:
  sdspec pack turtle.sdspec                              turtle.zip in this folder
  sdspec pack study.sdspec table --to supplement.zip --author "A. Turing"
  sdspec pack study.sdspec --weights`,
    options: {
        to: { value: 'ARCHIVE', help: 'Where to write; the name of the spec with .zip, in this folder, by default.' },
        weights: { help: 'Packs weights that are files beside the spec.' },
        title: { value: 'TEXT', help: 'What the archive is called in its description.' },
        author: {
            value: 'NAME',
            help: 'Who made it, for its description; an ORCID may follow: "A. Turing https://orcid.org/…".',
        },
        organization: {
            value: 'NAME',
            help: 'Where the author works, which publishes it; its address may follow: "NPL https://www.npl.co.uk".',
        },
        license: { value: 'URL', help: 'The licence of the pictures, for its description.' },
        param,
        device,
        threads,
        verbose,
    },
    async run(call) {
        const options = runOptions(call);
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        const { spec } = chosen;
        const target = resolve(call.value('to') ?? spec.name.replace(/\.sdspec$/, '.zip'));
        if (existsSync(target))
            throw new UsageError(`${target} is there already: delete it, or name another with --to.`);
        const ended = await runAll(chosen, startRuntime({ verbose: call.flag('verbose') }), options);
        for (const { run, outcome } of ended)
            if (outcome.kind === 'failed') console.error(`${run.name}: ${outcome.failure.message}`);
        const code = exitCode(ended);
        if (code !== EXIT.done) return code;
        const runs = ended.flatMap(({ outcome }) => (outcome.kind === 'done' ? [outcome] : []));
        const { contentsOf } = await import('../pack/contents.ts');
        const { crateOf, METADATA, named } = await import('../pack/ro-crate.ts');
        const { writeZip } = await import('../pack/zip.ts');
        const contents = await contentsOf({ specs: await spec.files(), runs, weights: call.flag('weights') });
        const [author, organization, license] = ['author', 'organization', 'license'].map((name) => call.value(name));
        const crate = crateOf(
            contents,
            runs.map(({ record }) => record),
            {
                title: call.value('title') ?? basename(spec.name, '.sdspec'),
                ...(author ? { author: named(author) } : {}),
                ...(organization ? { organization: named(organization) } : {}),
                ...(license ? { license } : {}),
            },
        );
        await writeZip(target, [
            { path: METADATA, from: { text: `${JSON.stringify(crate, null, 2)}\n` } },
            ...contents.files.map(({ path, source }) => ({ path, from: { file: source } })),
        ]);
        console.log(relative(process.cwd(), target) || target);
        const bytes = contents.files.reduce((sum, file) => sum + file.bytes, 0);
        console.error(`${count(contents.files.length, 'file')}, ${sizeWords(bytes)} unpacked.`);
        for (const { name, url } of contents.leftOut.filter(({ name: one }) => !one.startsWith('builtin:')))
            console.error(`Not packed, named by its digest: ${name}${url ? ` (${url})` : ''}`);
        return EXIT.done;
    },
};

const GIGABYTE = 2 ** 30;
const MAX_FILES = 200_000;

export const unpack: Command = {
    name: 'unpack',
    arguments: 'ARCHIVE [FOLDER]',
    summary: 'Unpacks an archive by `sdspec pack` and checks the digest of every file.',
    help: `The folder, by default the archive's name without .zip, must be new or empty. Archives are not trusted: names that lead
out of the folder, links, and more than --limit gigabytes are refused before anything is written. Nothing is run.

Example:
  sdspec unpack supplement.zip && sdspec verify supplement/study.sdspec --rerun`,
    options: { limit: { value: 'GIGABYTES', help: 'The most that may be unpacked; 8 by default.' } },
    async run(call) {
        const [file, to, ...more] = call.words;
        if (file === undefined || more.length > 0) {
            throw new UsageError('Which archive? For example: sdspec unpack supplement.zip');
        }
        if (!existsSync(file)) throw new UsageError(`There is no file ${file}.`);
        const limit = Number(call.value('limit') ?? 8);
        if (!(limit > 0)) throw new UsageError('--limit wants a number of gigabytes, such as 20.');
        const folder = to ?? basename(file).replace(/\.zip$/i, '');
        if (folder === basename(file))
            throw new UsageError(`Into which folder? For example: sdspec unpack ${file} study`);
        if (existsSync(folder) && realpathSync(folder) === realpathSync('.')) {
            const why = `An archive is unpacked into a folder of its own, and ${folder} is the one that you are in.`;
            throw new UsageError(`${why} Name a new one: sdspec unpack ${file} study`);
        }
        const { unzip } = await import('../pack/zip.ts');
        const { crateFindings } = await import('../pack/read-crate.ts');
        const files = await unzip(file, folder, { bytes: limit * GIGABYTE, files: MAX_FILES });
        const { problems, specs, weights } = crateFindings(folder, files);
        console.log(folder);
        for (const problem of problems) console.error(`sdspec: ${problem}`);
        for (const name of weights) console.error(`Needed, and not in the archive: ${name}`);
        console.error(
            `${count(files.length, 'file')}${problems.length === 0 ? ', each with the digest that the archive states' : ''}.`,
        );
        for (const spec of specs)
            console.error(`Check that the pictures come out the same: sdspec verify ${join(folder, spec)} --rerun`);
        return problems.length > 0 ? EXIT.failed : EXIT.done;
    },
};
