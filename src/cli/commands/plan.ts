/** `sdspec plan`: shows what a spec means, with every setting spelled out. */
import { digest } from '../../plan/digest.ts';
import { type Command, EXIT } from '../command.ts';
import { chooseRuns, PLAN_OPTIONS } from '../runs.ts';

export const plan: Command = {
    name: 'plan',
    arguments: 'FILE [NAME…]',
    summary: 'Shows what a spec means: every setting spelled out, as JSON.',
    help: `A plan has no defaults left, no inheritance and no parameters: it alone decides the pictures. Its digest names the
folder of its run.

Examples:
  sdspec plan turtle.sdspec turtle
  sdspec plan turtle.sdspec --digest         only the digests`,
    options: { ...PLAN_OPTIONS, digest: { help: 'Writes only names and digests, one run a line.' } },
    async run(call) {
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        if (call.flag('digest')) {
            for (const { name, work } of chosen.runs) console.log(`${digest(work)}  ${name}`);
            return EXIT.done;
        }
        const plans = chosen.runs.map((run) => ({ ...run, digest: digest(run.work) }));
        console.log(JSON.stringify(plans.length === 1 ? plans[0] : plans, null, 2));
        return EXIT.done;
    },
};
