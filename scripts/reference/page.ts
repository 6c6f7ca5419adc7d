/** The reference of the language, one page per family, made from its grammar, its library, its defaults and its checks. */
import type { GrammarAST } from 'langium';
import { SdspecGrammar } from '../../src/language/generated/grammar.ts';
import { checksSection } from './checks.ts';
import { keywordDocs, rulesOf, ruleText } from './ebnf.ts';
import { defaultsSection, layersSection, samplersSection } from './library.ts';
import { VALUES } from './values.ts';

/** Pages of the grammar, by the rules that they show. */
const PARTS: readonly {
    readonly file: string;
    readonly title: string;
    readonly intro: string;
    readonly rules: RegExp;
}[] = [
    {
        file: 'files.md',
        title: 'Files and imports',
        intro: 'A spec is a text file that ends in `.sdspec`: imports first, then declarations in any order. `//` begins a comment; a comment in `/** … */` before a declaration is shown wherever its name is used. Line breaks and indentation mean nothing; the formatter sets them.',
        rules: /^(Spec|Version|Import|ParamBinding|ImportedName|Declaration|Ingredient|Runnable|Name)$/,
    },
    {
        file: 'ingredients.md',
        title: 'Ingredients',
        intro: 'What pictures are made of. Simple things are `kind name = value`; things with parts are `kind name { … }`. Phrases have weights, and words within a phrase have weights of their own in braces: `prompt car = "a red car at sunset" weight 1.2 { "red" 1.4  "at sunset" 0.8 }`. Weights may change over the steps (`weight 1 -> 0.5`), and a phrase with `during` is read at some of the steps alone: `prompt "a cat" during 0%..50%, "a dog" during 50%..100%` is composed as a cat and finished as a dog. The text encoder reads each text that comes of it once. A param is a number, words, a size (`512x768`), a length (`64px`), a part of the steps (`60%`) or a density (`240dpi`); by its name it is written where such a value is (`steps n`, `during 0%..late`, `windows side overlap lap`, `paper sheet at fine`), and where a sampler, a schedule or a set of weights is named (`param how = "euler"`, `sampler how`). The unit belongs to its value, and each place says what it needs where the value does not fit. Positions of keys (`9@20%`), corners, paths of models, axes and expectations are written out; `{name}` puts it into prompts and into paths of images, LoRAs, embeddings, ControlNets and upscalers (`image subject = "./{animal}.png"`). Learned words may be in its value: `param who = "a <pip>"`. `with` sets params where something is used, each use its own: a prompt (`prompt styled with subject = "owl"`), a base, a picture, an import, the generate of tiles. A run (`--param`) and the axes of a sweep win over it; of several `with`, the one nearest to a prompt.',
        rules: /^(Model|Lora|Embedding|ControlNet|Upscaler|Image|WhichPicture|Edges|Param|Literal|NumberLiteral|TextLiteral|Prompt|Phrase|TextPhrase|WordWeight|Ensemble|Member|LayerSet|WeightSet|LayerWeight|LayerSelector)$/,
    },
    {
        file: 'pictures.md',
        title: 'Pictures',
        intro: 'A `generate` makes one picture, or one for each seed. Its settings are clauses, one per line, in any order. With `extends` it takes all settings of another but `expect`, which judges the pictures of its own generate. A clause replaces the clause of its kind. `infuse`, `control` and `apply` may come several times: such a clause replaces the one of its name (`infuse elephant as early`), or without a name those of the same pictures, network or LoRA, and is beside all others. `without` removes.',
        rules: /^(Generate|NamedSettings|Setting|(?!Columns|Measure|Mean|Of|Grid|Tiles|Depth|Upscale|Paper|Word|Lora|LearnWeights|From|Beside|Batch|Rate|Flip|Memory|LearnTrace)[A-Z]\w*Clause|SeedItem|StartPicture|Corner|InfusedPicture|OutpaintEdge|BlockName|Expectation)$/,
    },
    {
        file: 'sweeps.md',
        title: 'Sweeps',
        intro: 'A `sweep` makes a generate again and again: all combinations of its axes, the last one changing fastest, or with `together` the first values together, then the second.',
        rules: /^(Sweep|SweepItem|Case|\w*Axis|Numbers|\w*Choice|ColumnsClause|Measure|MeasureClause|MeanClause|AxisName)$/,
    },
    {
        file: 'mosaics-and-prints.md',
        title: 'Mosaics and prints',
        intro: 'Pictures that are made of a picture.',
        rules: /^(Mosaic|MosaicSetting|Print|PrintSetting|(Of|Grid|Tiles|Depth|Upscale|Paper)Clause)$/,
    },
    {
        file: 'learning.md',
        title: 'Learning',
        intro: 'A `learn` trains a word, a LoRA or weights of the model from pictures: see [Learning](../learning.md). `<name>` in a prompt and `apply name` use it as they use a file, and a run makes it first.',
        rules: /^(Learn|LearnSetting|TrainedLayers|(Word|Lora|LearnWeights|From|Beside|Batch|Rate|Flip|Memory|LearnTrace)Clause)$/,
    },
    {
        file: 'values.md',
        title: 'Values',
        intro: 'Units are part of the number. Percentages have one rule: p % of n steps that are run is the point after round(p · n) of them. A window runs from one point to another, so that `0%..50%` and `50%..100%` share no step and lose none; a key of a curve belongs to the step that begins at its point, the key at 100% to the last step. A curve `a -> b` runs from the first step of its clause to the last, `a@0% -> b@40% -> c@100%` sets keys.',
        rules: /^(Amount|Length|Percent|Density|Curve|CurveKey|Window|Text|Template|Hole|LayerName)$/,
    },
];

/** The note at the top of every page. */
const MADE = '<!-- Made by `npm run reference` from the grammar, the library, the defaults and the checks. -->';

interface Page {
    readonly title: string;
    readonly text: string;
    /** The words that the page explains, as the index lists them. */
    readonly words: readonly string[];
}

/** All pages of the reference by file name, the index among them as `README.md`. Throws where a rule has no page. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
    const pages = new Map<string, Page>([
        ...grammarPages(),
        ['layers.md', { title: 'Layers', text: layersSection(), words: [] }],
        ['samplers.md', { title: 'Samplers and schedules', text: samplersSection(), words: [] }],
        ['defaults.md', { title: 'Defaults', text: defaultsSection(), words: [] }],
        ['checks.md', { title: 'Checks', text: await checksSection(), words: [] }],
    ]);
    const texts = [...pages].map(
        ([file, { text }]) => [file, `${[pageHeading(text), MADE, pageBody(text)].join('\n\n')}\n`] as const,
    );
    return new Map([['README.md', index(pages)], ...texts]);
}

function grammarPages(): readonly (readonly [string, Page])[] {
    const rules = rulesOf(SdspecGrammar());
    const shown = new Set<string>();
    const pages = PARTS.map(({ file, title, intro, rules: names }) => {
        const own = rules.filter(({ name }) => names.test(name) && !shown.has(name));
        for (const { name } of own) shown.add(name);
        const values = title === 'Values' ? [valuesTable()] : [];
        const text = [`## ${title}`, intro, ...own.map(ruleSection), ...values].join('\n\n');
        return [file, { title, text, words: [...new Set(own.flatMap(leadWord))] }] as const;
    });
    const rest = rules.filter(({ name }) => !shown.has(name) && !/^(Catalogue|Layer|Sampler|Schedule)$/.test(name));
    if (rest.length > 0) throw new Error(`The reference has no page for: ${rest.map(({ name }) => name).join(', ')}.`);
    return pages;
}

/** The headings of a page are one level up from those of its section. */
function pageHeading(text: string): string {
    return text.slice(1, text.indexOf('\n'));
}

function pageBody(text: string): string {
    return text
        .slice(text.indexOf('\n'))
        .trim()
        .replaceAll(/^##(#+ )/gm, '#$1');
}

function index(pages: ReadonlyMap<string, Page>): string {
    const rows = [...pages].map(
        ([file, { title, words }]) => `| [${title}](${file}) | ${words.map((word) => `\`${word}\``).join(' ')} |`,
    );
    return `${[
        '# The language',
        MADE,
        'A `.sdspec` file says what pictures are made and how, so that anyone can make them again. These pages are the whole language: every clause, every word, every layer and sampler, and everything that the checks say.',
        ['| page | words |', '|---|---|', ...rows].join('\n'),
        `The forms are EBNF: \`"word"\` stands for itself, \`[ … ]\` may be left out, \`{ … }\` may be repeated or left out, \`|\` separates choices, and \`Model·name\` is the name of a model.`,
    ].join('\n\n')}\n`;
}

/** The word that a rule begins with, if it begins with one. */
function leadWord(rule: GrammarAST.ParserRule): readonly string[] {
    const first = keywordDocs(rule)[0];
    return first && beginsWith(rule, first.word) ? [first.word] : [];
}

/** One rule: the word that it begins with, what that means, its form, and its further words. */
function ruleSection(rule: GrammarAST.ParserRule): string {
    const docs = keywordDocs(rule);
    const lead = docs[0] && beginsWith(rule, docs[0].word) ? docs[0] : undefined;
    const words = docs.filter((one) => one !== lead).map(({ word, doc }) => `- \`${word}\`: ${doc}`);
    const heading = lead ? `\`${lead.word}\`` : rule.name;
    const form = `\`\`\`ebnf\n${ruleText(rule)}\n\`\`\``;
    return [`### ${heading}`, lead?.doc ?? '', form, words.join('\n')].filter((part) => part !== '').join('\n\n');
}

function beginsWith(rule: GrammarAST.ParserRule, word: string): boolean {
    return new RegExp(`^\\S+ =\\s+"${word}"`).test(ruleText(rule));
}

function valuesTable(): string {
    const rows = VALUES.map(({ name, doc, examples }) => {
        const shown = examples.map((example) => `\`${example.replaceAll('\n', '↵').replaceAll('|', '\\|')}\``);
        return `| ${name} | ${doc} | ${shown.join(', ')} |`;
    });
    return ['| terminal | meaning | examples |', '|---|---|---|', ...rows].join('\n');
}
