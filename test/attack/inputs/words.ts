/** Words of a plan as clauses: whatever names, prompts and paths hold, the spec text is read back as the same plan. */
import { Language, listRunnables, lowerRun, problemsOf, spell } from '../../../src/language/index.ts';
import { pictureText } from '../../../src/language/write/picture-text.ts';
import { specText } from '../../../src/language/write/spec-text.ts';
import { canonicalJson, digest } from '../../../src/plan/digest.ts';
import type { Work } from '../../../src/plan/run.ts';
import { random } from '../../language/fuzz/edits.ts';
import { activeCharacter, pick, portion, type Scale, Tally } from '../kit.ts';
import { HOSTILE_STRINGS } from './metadata.ts';

export async function wordsOfPlans(scale: Scale): Promise<Tally> {
    const tally = new Tally('words of a plan as clauses');
    const next = random(scale.seed);
    const language = new Language();
    const read = async (text: string) => {
        const document = await language.parseText(text, 'file:///attack/words.sdspec');
        return {
            document,
            errors: problemsOf(document).filter(
                ({ severity, code }) => severity === 'error' && !ABOUT_FILES.test(code),
            ),
        };
    };
    const works: Work[] = [];
    for (const source of SOURCES) {
        const { document, errors } = await read(source);
        const { value, problems } = lowerRun(document, 'one');
        if (!value) throw new Error([...errors, ...problems].map(({ message }) => message).join(' '));
        works.push(value.work);
    }
    const count = portion(800, scale);
    for (let i = 0; i < count; i++) {
        const work = withHostileWords(works[i % works.length]!, next);
        const name = pick(NAMES, next);
        await tally.try(JSON.stringify({ name, work }).slice(0, 3000), async () => {
            const text = work.kind === 'picture' ? pictureText(name, work) : specText(name, work);
            const { document, errors } = await read(text);
            const shown = text.slice(0, 3000);
            if (errors.length > 0) return `${errors[0]!.code}: ${errors[0]!.message} in:\n${shown}`;
            const active = activeCharacter(text);
            if (active) return active;
            const last = listRunnables(document).at(-1);
            if (work.kind === 'print')
                return listRunnables(document).length === 0 ? undefined : `runnables in:\n${shown}`;
            if (last?.name !== name) return `the last runnable is ${last?.name}, not ${name} in:\n${shown}`;
            if (work.kind !== 'picture') return undefined;
            const back = lowerRun(document, name).value?.work;
            if (!back) return `no plan of:\n${shown}`;
            if (digest(nameless(back)) !== digest(nameless(work)))
                return `another plan (${difference(nameless(work), nameless(back))}) of:\n${shown}`;
            // The same once more, every default written.
            const spelled = spell(last.node, {}, () => undefined);
            if (spelled === undefined) return `it can't be spelled out:\n${shown}`;
            const again = await read(spelled);
            const third = lowerRun(again.document, name).value?.work;
            return third && digest(nameless(third)) === digest(nameless(work))
                ? undefined
                : `spelled out it is another plan:\n${spelled.slice(0, 3000)}`;
        });
    }
    return tally;
}

/** Of what is not there: no file is read. */
const ABOUT_FILES = /^(file|files|image|model|picture|path|weights)\//;

/** Everything that has words. */
const SOURCES: readonly string[] = [
    `model m = "./m.safetensors"
     image p = "./p.png"
     lora l = "./l.safetensors"
     embedding moon = "./moon.safetensors"
     controlnet c = "./c"
     generate one { use m prompt "a <moon> tower, fog" weight 1.2, "a red car" { "red" 1.4 } negative "blurry" seed 1..3
       infuse p text caption "a photo" { mid 0.3 } apply l weight 0.5 control c by p start from p strength 0.5 trace every 5 attention "tower" }`,
    `model m = "./m.safetensors"
     ensemble e over latents { calm "a calm sea" weight 1 -> 0  storm "a storm" }
     generate one { use m prompt e mask other feather 4px start from other strength 0.5 }
     generate other { use m prompt "x" }`,
    `param style = "oil"
     generate g { prompt "a {style} tower" }
     sweep one over g { style in ["ink", "oil"] seed in 1..2 }`,
    `generate g { prompt "x" size 64x64 }
     upscaler up = "./up.safetensors"
     print one { of g upscale up paper 2x2cm at 300dpi }`,
];

/** Words and paths of the plan are replaced by hostile ones, each with its own chance; what is the same stays the same. */
function withHostileWords(work: Work, next: () => number): Work {
    const renamed = new Map<string, string>();
    const word = (old: string, isPath: boolean) => {
        const known = /<\w+>/.test(old) ? old : renamed.get(old);
        if (known !== undefined) return known;
        const parts = Array.from({ length: 1 + Math.floor(next() * 3) }, () =>
            pick(HOSTILE_STRINGS, next).slice(0, 200),
        );
        const hostile = parts.join(next() < 0.5 ? '' : 'a');
        // Slashes and stars in a path have a meaning.
        const fresh = next() < 0.4 ? old : isPath ? `a/b${hostile.replace(/[/\\?*]/g, '')}c.png` : `a${hostile}`;
        renamed.set(old, fresh);
        return fresh;
    };
    const inside = (value: unknown, key = '', parent: object = {}): unknown => {
        if (typeof value === 'string') return isWord(key, parent) ? word(value, key === 'path') : value;
        if (Array.isArray(value)) return value.map((one) => inside(one, key, value));
        if (typeof value !== 'object' || value === null) return value;
        return Object.fromEntries(Object.entries(value).map(([own, one]) => [own, inside(one, own, value)]));
    };
    return inside(work) as Work;
}

function isWord(key: string, parent: object): boolean {
    // Members of an ensemble and axes have names that are words; those of samplers are none.
    if (key === 'name') return 'values' in parent || 'prompt' in parent;
    return ['text', 'words', 'path', 'attention', 'values'].includes(key);
}

/** Names of members are for the reader: those that the language can't write are left out. */
function nameless(work: Work): Work {
    if (work.kind !== 'picture' || work.conditioning.kind !== 'ensemble') return work;
    const members = work.conditioning.members.map(({ name: _, ...member }) => member);
    return { ...work, conditioning: { ...work.conditioning, members } };
}

const NAMES = ['one', 'a-b', 'x1'];

/** Where two plans differ first. */
function difference(a: unknown, b: unknown, at = ''): string {
    if (canonicalJson(a) === canonicalJson(b)) return '';
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
        return `${at}: ${JSON.stringify(a)?.slice(0, 200)} is ${JSON.stringify(b)?.slice(0, 200)}`;
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return (
        keys
            .map((key) =>
                difference((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${at}.${key}`),
            )
            .find(Boolean) ?? at
    );
}
