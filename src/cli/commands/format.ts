/** `sdspec format`: writes specs as the formatter would have them. */
import { readFileSync, realpathSync } from 'node:fs';
import { OF_A_FILE, writeWhole } from '../../runtime/write-whole.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { describeProblems } from '../problems.ts';
import { formatSpec, specsAt } from '../specs.ts';

export const format: Command = {
    name: 'format',
    arguments: 'FILE…',
    summary: 'Writes specs in the one layout that there is.',
    help: `Four spaces, one clause a line, values aligned within a block; comments stay where they are. Files with syntax errors
are left alone.

Examples:
  sdspec format turtle.sdspec
  sdspec format --check experiments/       exit code 3 where a file would change`,
    options: { check: { help: 'Changes nothing; lists the files that would change.' } },
    async run(call) {
        if (call.words.length === 0) throw new UsageError('Which file? For example: sdspec format turtle.sdspec');
        let code: number = EXIT.done;
        for (const file of call.words.flatMap(specsAt)) {
            const { value: formatted, problems } = await formatSpec(file);
            if (formatted === undefined) {
                console.error(describeProblems(problems));
                code = EXIT.spec;
            } else if (formatted !== readFileSync(file, 'utf8')) {
                if (call.flag('check')) code = EXIT.spec;
                // A link of the user's stays one.
                else await writeWhole(realpathSync(file), formatted, OF_A_FILE);
                console.log(file);
            }
        }
        return code;
    },
};
