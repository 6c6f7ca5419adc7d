/** `sdspec plan`: shows what a spec means, with every setting spelled out. */
import { digest } from '../../plan/digest.ts';
import { tilesPlaced } from '../../plan/mosaic/mosaic.ts';
import { picturesOf } from '../../plan/passes/work.ts';
import type { Work } from '../../plan/run.ts';
import { type Command, EXIT } from '../command.ts';
import { chooseRuns, PLAN_OPTIONS, SET_OPTION } from '../runs.ts';

export const plan: Command = {
    name: 'plan',
    arguments: 'FILE [NAME…]',
    summary: 'Shows what a spec means: every setting spelled out, as JSON.',
    help: `A plan has no defaults left, no inheritance and no parameters: it alone decides the pictures. Its digest names the
folder of its run. "pictures" is how many it makes; of a mosaic at most so many, for the "places" that they fill.

Examples:
  sdspec plan turtle.sdspec turtle
  sdspec plan turtle.sdspec --digest         only the digests`,
    options: { ...PLAN_OPTIONS, ...SET_OPTION, digest: { help: 'Writes only names and digests, one run a line.' } },
    async run(call) {
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        if (call.flag('digest')) {
            for (const { name, work } of chosen.runs) console.log(`${digest(work)}  ${name}`);
            return EXIT.done;
        }
        const plans = chosen.runs.map((run) => ({ ...run, digest: digest(run.work), ...sizeOf(run.work) }));
        console.log(JSON.stringify(plans.length === 1 ? plans[0] : plans, null, 2));
        return EXIT.done;
    },
};

/** How many pictures a plan makes, and the places that those of a mosaic fill. */
function sizeOf(work: Work): { readonly pictures: number; readonly places?: number } {
    const pictures = picturesOf(work);
    return work.kind === 'mosaic' ? { pictures, places: tilesPlaced(work) } : { pictures };
}
