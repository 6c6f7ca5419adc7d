/** `sdspec plan`: shows what a spec means, with every setting spelled out. */
import { version } from '../../../package.json';
import { digest } from '../../plan/digest.ts';
import { tilesPlaced } from '../../plan/mosaic/mosaic.ts';
import { picturesOf } from '../../plan/passes/work.ts';
import type { Work } from '../../plan/run.ts';
import { type Call, type Command, EXIT, UsageError } from '../command.ts';
import { type ChosenRuns, chooseRuns, PLAN_OPTIONS, SET_OPTION } from '../runs.ts';

export const plan: Command = {
    name: 'plan',
    arguments: 'FILE [NAME…]',
    summary: 'Shows what a spec means: every setting spelled out, as JSON.',
    help: `A plan has no defaults left, no inheritance and no parameters: it alone decides the pictures. Its digest names the
folder of its run. "pictures" is how many it makes; of a mosaic at most so many, for the "places" that they fill.

Examples:
  sdspec plan turtle.sdspec turtle
  sdspec plan turtle.sdspec --digest         only the digests
  sdspec plan study.sdspec scan --spec       for a paper's appendix: one file, defaults written, imports and params
                                             filled, digests of files, windows and layers explained in comments`,
    options: {
        ...PLAN_OPTIONS,
        ...SET_OPTION,
        digest: { help: 'Writes only names and digests, one run a line.' },
        spec: { help: 'Writes one run as a spec of its own, with all defaults, that runs to the same digest.' },
    },
    async run(call) {
        const chosen = await chooseRuns(call);
        if (!chosen) return EXIT.spec;
        if (call.flag('spec')) return printSpec(call, chosen);
        if (call.flag('digest')) {
            for (const { name, work } of chosen.runs) console.log(`${digest(work)}  ${name}`);
            return EXIT.done;
        }
        const plans = chosen.runs.map((run) => ({ ...run, digest: digest(run.work), ...sizeOf(run.work) }));
        console.log(JSON.stringify(plans.length === 1 ? plans[0] : plans, null, 2));
        return EXIT.done;
    },
};

/** Prints a run as a spec of its own. */
async function printSpec(call: Call, { spec, runs }: ChosenRuns): Promise<number> {
    const [run, another] = runs;
    if (call.values('set').length > 0) throw new UsageError('--spec writes what the spec says: leave --set out.');
    if (!run || another) throw new UsageError(`--spec is for one run: name one of ${spec.names.join(', ')}.`);
    const text = await spec.spell(run.name);
    console.log(
        `// ${run.name} of ${spec.name}, spelled out by sdspec ${version}.\n// Plan ${digest(run.work)}.\n\n${text?.trimEnd()}`,
    );
    return EXIT.done;
}

/** How many pictures a plan makes, and the places that those of a mosaic fill. */
function sizeOf(work: Work): { readonly pictures: number; readonly places?: number } {
    const pictures = picturesOf(work);
    return work.kind === 'mosaic' ? { pictures, places: tilesPlaced(work) } : { pictures };
}
