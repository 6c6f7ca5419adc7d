/** `sdspec models export`: a model with what a `learn` learnt merged into its weights, a learnt ControlNet, or a smaller file. */
import { join } from 'node:path';
import { exportControlNet, exportHalf, exportModel } from '../../runtime/adapters/export.ts';
import { modelPath } from '../../runtime/run/inputs/model-path.ts';
import { findRun, runsFolder } from '../../runtime/run/runs.ts';
import { EXIT, UsageError } from '../command.ts';
import { describeProblems } from '../problems.ts';
import { openSpec } from '../specs.ts';

const EXTENSION = '.safetensors';

/** FILE NAME TARGET: the `learn` of that name must have been run. A target that ends in .safetensors is a file, else a folder. */
export async function exportModels(words: readonly string[]): Promise<number> {
    const [file, name, target] = words;
    if (!file || !name || !target)
        throw new UsageError(
            'Which learning, and where to? For example: sdspec models export robot.sdspec tin ./robot-model',
        );
    const spec = await openSpec(file);
    if (!spec.names.includes(name)) throw new UsageError(`${file} has no ${name}. It has ${spec.names.join(', ')}.`);
    const { value: run, problems } = spec.lower(name);
    if (!run) {
        console.error(describeProblems(problems));
        return EXIT.spec;
    }
    const { work } = run;
    if (work.kind !== 'learn') throw new UsageError(`${name} is no learn: only what is learnt can be exported.`);
    if (work.target.kind === 'word') {
        const message = `${name} is a word and changes no weights: copy ${name}.safetensors out of its run's folder.`;
        throw new UsageError(message);
    }
    const stored = findRun(runsFolder(spec.base), name, work);
    const learnt = stored?.record.learnt;
    if (stored?.state !== 'complete' || !learnt)
        throw new UsageError(`${name} is not learnt yet: sdspec run ${file} ${name}`);
    const path = join(stored.folder, learnt.file);
    const isFile = target.endsWith(EXTENSION);
    if (work.target.kind === 'controlnet') {
        if (isFile)
            throw new UsageError(`${name} is a ControlNet: name a folder, ${target.slice(0, -EXTENSION.length)}`);
        exportControlNet(path, target);
    } else if (isFile) await exportHalf(path, target);
    else exportModel(modelPath(work.model, spec.base), [{ path, weight: 1 }], target);
    console.log(target);
    return EXIT.done;
}
