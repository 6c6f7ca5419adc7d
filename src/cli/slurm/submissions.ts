/** Submissions of a folder's specs: `.sdspec/jobs/<name>-<digest>/` with scripts, logs and what Slurm answered. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeWhole } from '../../runtime/write-whole.ts';

const Submission = v.object({
    name: v.string(),
    digest: v.string(),
    spec: v.string(),
    /** Where the run is, absolute. */
    folder: v.string(),
    /** Numbers of the arrays and of the jobs that finish. */
    jobs: v.array(v.pipe(v.string(), v.regex(/^\d+$/))),
    tasks: v.pipe(v.number(), v.integer(), v.minValue(1)),
    /** The most tiles that a mosaic makes. */
    tiles: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    submitted: v.string(),
});
export type Submission = v.InferOutput<typeof Submission>;

export function jobsFolder(base: string, name: string, digest: string): string {
    return join(base, '.sdspec', 'jobs', `${name}-${digest.slice(0, 8)}`);
}

export async function writeSubmission(folder: string, submission: Submission): Promise<void> {
    await writeWhole(join(folder, 'submission.json'), `${JSON.stringify(submission, null, 2)}\n`);
}

/** The submission of a folder; undefined where there is none that can be read. */
export function readSubmission(folder: string): Submission | undefined {
    try {
        const { success, output } = v.safeParse(
            Submission,
            JSON.parse(readFileSync(join(folder, 'submission.json'), 'utf8')),
        );
        return success ? output : undefined;
    } catch {
        return undefined;
    }
}

/** All submissions of a folder, the latest first. */
export function listSubmissions(base: string): readonly (Submission & { readonly at: string })[] {
    const jobs = join(base, '.sdspec', 'jobs');
    const names = existsSync(jobs) ? readdirSync(jobs) : [];
    return names
        .flatMap((name) => {
            const submission = readSubmission(join(jobs, name));
            return submission ? [{ ...submission, at: join(jobs, name) }] : [];
        })
        .sort((a, b) => (a.submitted < b.submitted ? 1 : -1));
}

/** Lines of the site for every script: `slurm.sh` beside the spec, else in the user's configuration. */
export function sitePreamble(base: string): { readonly text: string; readonly file?: string } {
    const configuration = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
    for (const file of [join(base, 'slurm.sh'), join(configuration, 'sdspec', 'slurm.sh')]) {
        if (existsSync(file)) return { text: readFileSync(file, 'utf8'), file };
    }
    return { text: '' };
}
