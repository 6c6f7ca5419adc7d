/** The command line: finds the command, runs it, ends with its exit code. */
import { version } from '../../package.json';
import { nearest } from '../language/linking/nearest.ts';
import { releaseClaims } from '../runtime/claim.ts';
import { failureOf, RunError } from '../runtime/run-error.ts';
import { removeUnfinished, survivesFileLimit } from '../runtime/write-whole.ts';
import { type Command, EXIT, parseCall, UsageError } from './command.ts';
import { check } from './commands/check.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { format } from './commands/format.ts';
import { gather } from './commands/gather.ts';
import { importCommand } from './commands/import.ts';
import { cancelCommand, jobs } from './commands/jobs.ts';
import { lock } from './commands/lock.ts';
import { models } from './commands/models.ts';
import { pack, unpack } from './commands/pack.ts';
import { plan } from './commands/plan.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { clean, runs } from './commands/runs.ts';
import { submit } from './commands/submit.ts';
import { verify } from './commands/verify.ts';
import { commandHelp, programHelp } from './help.ts';
import { beforeStop, signalCode } from './signals.ts';
import { outputEnd, printVisibly, surviveEndedOutput } from './terminal.ts';

const COMMANDS: readonly Command[] = [
    run,
    submit,
    jobs,
    cancelCommand,
    gather,
    check,
    plan,
    format,
    importCommand,
    explain,
    verify,
    lock,
    report,
    pack,
    unpack,
    runs,
    clean,
    doctor,
    models,
];

printVisibly();

surviveEndedOutput();

survivesFileLimit();
beforeStop(removeUnfinished);
beforeStop(releaseClaims);

try {
    requireFolder();
    const code = await main(process.argv.slice(2));
    process.exitCode = signalCode() ?? (outputEnd() === 'failed' ? EXIT.failed : code);
} catch (error) {
    process.exitCode = signalCode() ?? exitCodeOf(error);
}

/** Throws where the working folder was deleted: no path means anything then. */
function requireFolder(): void {
    try {
        process.cwd();
    } catch (cause) {
        throw new RunError('input/unreadable', 'The folder of this terminal is gone: change into another one.', {
            cause,
        });
    }
}

async function main([name, ...args]: readonly string[]): Promise<number> {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
        const topic = COMMANDS.find((command) => command.name === args[0]);
        console.log(topic ? commandHelp(topic) : programHelp(COMMANDS));
        return name === undefined ? EXIT.usage : EXIT.done;
    }
    if (name === '--version' || name === '-v') {
        console.log(version);
        return EXIT.done;
    }
    const command = COMMANDS.find((one) => one.name === name);
    if (!command) {
        const near = nearest(
            name,
            COMMANDS.map((one) => one.name),
        );
        const hint = name.endsWith('.sdspec')
            ? ` To run a spec: sdspec run ${name}`
            : `${near ? ` Did you mean \`sdspec ${near}\`?` : ''} \`sdspec --help\` lists the commands.`;
        throw new UsageError(`There is no command "${name}".${hint}`);
    }
    if (args.some((arg) => arg === '--help' || arg === '-h')) {
        console.log(commandHelp(command));
        return EXIT.done;
    }
    return command.run(parseCall(command, args));
}

function exitCodeOf(error: unknown): number {
    if (error instanceof UsageError) {
        console.error(`sdspec: ${error.message}`);
        return EXIT.usage;
    }
    const { code, message, detail } = failureOf(error);
    console.error(`sdspec: ${message}`);
    if (code !== 'internal') return EXIT.failed;
    console.error(
        `\nThis is a bug in sdspec ${version} (node ${process.version}, ${process.platform}).\n${detail ?? ''}`,
    );
    return EXIT.bug;
}
