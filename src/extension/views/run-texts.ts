/** What stored runs were asked to do, as text: to be searched, and to say what changed from one run to the next. */
import { specText } from '../../language/write/spec-text.ts';
import { cellsIn } from '../../plan/cells.ts';
import { plansOf } from '../../plan/parts.ts';
import type { Work } from '../../plan/run.ts';
import { differencesOf, differenceWords, type PictureSettings, pictureSettings } from '../results/differences.ts';
import { readWork, type StoredRun } from '../runs/records.ts';

interface RunText {
    /** The spec text of its first picture. */
    readonly text: string;
    /** The settings of that picture. */
    readonly settings: PictureSettings;
    /** The axes of a sweep with their values; the seeds of a picture are among its settings. */
    readonly axes: ReadonlyMap<string, string>;
}

/** How long a description of changes may be; the rest is in the comparison. */
const MAX_CHANGES = 80;

/** Runs whose texts are kept; those of others are read again when they are searched. */
const MAX_TEXTS = 200;

/** Texts by folder: a run's folder is named by the digest of its plan, so that its text never changes. */
export class RunTexts {
    private readonly known = new Map<string, RunText>();

    /** All words of a run's plan: prompts, pictures and settings, with single spaces. */
    async wordsOf(run: StoredRun): Promise<string> {
        const { text, axes } = await this.textOf(run);
        return [text, ...[...axes].map((axis) => axis.join(' '))].join('\n').replace(/[ \t]+/g, ' ');
    }

    /** What changed since an earlier run: `guidance 5 → 9`; empty where nothing did. */
    async changesOf(run: StoredRun, earlier: StoredRun): Promise<string> {
        const [now, before] = [await this.textOf(run), await this.textOf(earlier)];
        const axes = [...new Set([...before.axes.keys(), ...now.axes.keys()])]
            .filter((name) => before.axes.get(name) !== now.axes.get(name))
            .map((name) => {
                const [a, b] = [before.axes.get(name), now.axes.get(name)];
                if (a === undefined) return `with ${name} ${b}`;
                return b === undefined ? `without ${name}` : `${name} ${a} → ${b}`;
            });
        // The first cell of a sweep differs by what its axes begin with.
        const settings = differencesOf(before.settings, now.settings).filter(({ setting }) => !now.axes.has(setting));
        const all = [...axes, ...(settings.length > 0 ? [differenceWords(settings)] : [])].join(', ');
        return all.length > MAX_CHANGES ? `${all.slice(0, MAX_CHANGES - 2)} …` : all;
    }

    private async textOf({ folder, record }: StoredRun): Promise<RunText> {
        const known = this.known.get(folder);
        if (known) return known;
        const work = await readWork(folder);
        const found = work
            ? textOfWork(record.name, work)
            : { text: '', settings: pictureSettings(undefined), axes: new Map<string, string>() };
        if (work) this.known.set(folder, found);
        const [oldest] = this.known.keys();
        if (this.known.size > MAX_TEXTS) this.known.delete(oldest!);
        return found;
    }
}

function textOfWork(name: string, work: Work): RunText {
    const plan = cellsIn(work)[0]?.plan ?? plansOf(work)[0];
    const axes = work.kind === 'sweep' ? work.axes.map((axis) => [axis.name, axis.values.join(', ')] as const) : [];
    const seeds = work.kind === 'picture' && work.seeds.length > 1 ? [['seed', work.seeds.join(', ')] as const] : [];
    return {
        text: plan ? specText(name, plan) : '',
        settings: pictureSettings(plan),
        axes: new Map([...axes, ...seeds]),
    };
}
