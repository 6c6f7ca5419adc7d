/** `sdspec check`: reports what is wrong with specs, without running them. */
import { hasErrors, type Problem } from '../../plan/problem.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { describeProblems } from '../problems.ts';
import { PLAN_OPTIONS, paramsFlag, unique } from '../runs.ts';
import { openSpec } from '../specs.ts';

export const check: Command = {
    name: 'check',
    arguments: 'FILE…',
    summary: 'Reports what is wrong with specs, without running them.',
    help: `Every problem is reported with its place, its code and what to write instead. Imported files are checked as far as they
are used. Exit code 3 where there is an error; warnings alone are 0.

Example:
  sdspec check experiments/*.sdspec`,
    options: { ...PLAN_OPTIONS, json: { help: 'Writes the problems as a JSON array to stdout.' } },
    async run(call) {
        if (call.words.length === 0) throw new UsageError('Which file? For example: sdspec check turtle.sdspec');
        const problems: Problem[] = [];
        for (const file of call.words) {
            const spec = await openSpec(file, paramsFlag(call));
            problems.push(...unique([...spec.problems, ...spec.names.flatMap((name) => spec.lower(name).problems)]));
        }
        if (call.flag('json')) console.log(JSON.stringify(problems, null, 2));
        else if (problems.length > 0) console.log(describeProblems(problems));
        else console.error(call.words.length === 1 ? 'No problems.' : `No problems in ${call.words.length} files.`);
        return hasErrors(problems) ? EXIT.spec : EXIT.done;
    },
};
