/** Settings: misspelt ones, and those that are given twice. */
import { type AstNode, CstUtils, GrammarUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { nearest } from '../linking/nearest.ts';
import { CLAUSES, DECLARATIONS, ELSEWHERE, MANY, OPTIONS } from '../meaning/clause-words.ts';
import { placeOf, type Report, removeLine, replace } from '../place.ts';
import type { Checks } from './check.ts';

export const settingChecks: Checks = {
    UnknownSetting: (setting, report) => {
        reportUnknown(setting, setting.key, { property: 'key' }, report);
        // Words of the lines below that were taken for values: each is a setting of its own.
        for (const value of setting.values) {
            const word = /^[A-Za-z_]\S*/.exec(value.$cstNode?.text ?? '')?.[0];
            if (word !== undefined && beginsLine(value) && !clausesOf(setting).includes(word)) {
                reportUnknown(setting, word, {}, report, value);
            }
        }
    },
    UnknownDeclaration: (declaration, report) => {
        const near = nearest(declaration.key, DECLARATIONS);
        const message = near
            ? `There is no declaration \`${declaration.key}\`. Did you mean \`${near}\`?`
            : `\`${declaration.key}\` begins no declaration: write one of ${quoted(DECLARATIONS)}.`;
        const fix = near && replace(`Change to \`${near}\``, declaration, near, { property: 'key' });
        report('declaration/unknown', 'error', message, declaration, { property: 'key', ...(fix ? { fix } : {}) });
    },
    Generate: ({ settings }, report) => reportRepeatedWord(settings, report),
    Case: ({ settings }, report) => reportRepeatedWord(settings, report),
    NamedSettings: ({ settings }, report) => reportRepeatedWord(settings, report),
    Mosaic: ({ settings }, report) => reportRepeatedWord(settings, report),
    Print: ({ settings }, report) => reportRepeatedWord(settings, report),
    Learn: ({ settings }, report) => reportRepeatedWord(settings, report),
    Sweep: ({ items }, report) =>
        reportRepeatedWord(
            items.filter((item) => !ast.isAxis(item) && !ast.isCase(item)),
            report,
        ),
    Model: (node, report) => optionsTwice(node, ['predicts', 'vae'], report),
    SamplerClause: (node, report) => optionsTwice(node, ['schedule', 'eta', 'spacing'], report),
    StartClause: (node, report) => optionsTwice(node, ['mixing', 'strength', 'latent', 'fit'], report),
    InfuseClause: (node, report) =>
        optionsTwice(node, ['weights', 'weight', 'decay', 'window', 'latent', 'text', 'rows', 'normalised'], report),
    ApplyClause: (node, report) => optionsTwice(node, ['weight'], report),
    ControlClause: (node, report) => optionsTwice(node, ['weight', 'window'], report),
    TraceClause: (node, report) => {
        optionsTwice(node, ['every', 'completed', 'finish'], report);
        if (node.every !== undefined && node.points.length > 0) {
            report('clause/twice', 'error', 'Either `every` or `at`: leave one of them out.', node);
        }
    },
    WordClause: (node, report) => optionsTwice(node, ['like', 'vectors'], report),
    LoraClause: (node, report) => optionsTwice(node, ['rank', 'alpha', 'target'], report),
    LearnControlNetClause: (node, report) => optionsTwice(node, ['low', 'high'], report),
    RateClause: (node, report) => optionsTwice(node, ['warmup', 'decay', 'clip', 'fall'], report),
    TilesClause: (node, report) => optionsTwice(node, ['strength', 'colour', 'vary', 'pool', 'tile'], report),
    DepthClause: (node, report) => optionsTwice(node, ['into', 'frames', 'width'], report),
    UpscaleClause: (node, report) => optionsTwice(node, ['strength', 'by', 'tile', 'overlap'], report),
    PaperClause: (node, report) => optionsTwice(node, ['bleed', 'fit', 'profile', 'marks'], report),
    MaskClause: (node, report) => optionsTwice(node, ['feather', 'margin'], report),
};

/** What options need. */
const AFTER: Readonly<Record<string, string>> = {
    every: 'a number of steps',
    finish: 'a number of steps',
    finished: 'the number of steps, like `in 4 steps`,',
    feather: 'a length, like `4px`,',
    margin: 'a length, like `16px`,',
    windows: 'a length, like `512px`,',
    overlap: 'a length, like `64px`,',
    during: 'a window, like `0%..60%`,',
    at: 'percentages, like `20%, 50%`,',
};

const EXAMPLES = 'settings are words like `prompt`, `size`, `seed` and `steps`, each with its value behind it.';

function reportUnknown(
    setting: ast.UnknownSetting,
    word: string,
    part: { property?: string },
    report: Report,
    at: AstNode = setting,
): void {
    const block = setting.$container;
    const clauses = clausesOf(setting);
    const before = ast.isSweep(block) ? undefined : clauseBefore(setting);
    const options = before ? (OPTIONS[before.$type] ?? []) : [];
    const translated = ELSEWHERE[word.toLowerCase()];
    // An option by its right name: what follows it is what does not fit.
    if (options.includes(word)) {
        const message = `What follows \`${word}\` does not fit: it needs ${AFTER[word] ?? 'a value'} or a param that is one.`;
        report('setting/value', 'error', message, at, part);
        return;
    }
    const near =
        nearest(word, options) ?? (translated && clauses.includes(translated) ? translated : nearest(word, clauses));
    const message = near
        ? `There is no setting \`${word}\`. Did you mean \`${near}\`?`
        : `There is no setting \`${word}\`: ${EXAMPLES}`;
    const fix = near && {
        title: `Change to \`${near}\``,
        where: firstWord(at, part, word),
        newText: near,
    };
    report('setting/unknown', 'error', message, at, { ...part, ...(fix ? { fix } : {}) });
}

function clausesOf({ $container: { $type } }: ast.UnknownSetting): readonly string[] {
    return $type in CLAUSES ? CLAUSES[$type as keyof typeof CLAUSES] : CLAUSES.Generate;
}

function firstWord(node: AstNode, part: { property?: string }, word: string) {
    const { uri, start } = placeOf(node, part);
    return { uri, start, end: { line: start.line, character: start.character + word.length } };
}

/** The clause that ends on the line where a setting begins: its options are what may have been meant. */
function clauseBefore(setting: ast.UnknownSetting): AstNode | undefined {
    const block = setting.$container;
    const siblings: readonly AstNode[] = ast.isSweep(block) ? block.items : block.settings;
    const before = siblings[(setting.$containerIndex ?? 0) - 1];
    return before?.$cstNode && before.$cstNode.range.end.line === setting.$cstNode?.range.start.line
        ? before
        : undefined;
}

function beginsLine(node: AstNode): boolean {
    const cst = node.$cstNode;
    if (!cst) return false;
    const before = CstUtils.getPreviousNode(cst);
    return before !== undefined && before.range.end.line < cst.range.start.line;
}

function reportRepeatedWord(settings: readonly AstNode[], report: Report): void {
    const seen = new Map<string, AstNode>();
    for (const setting of settings) {
        if (!MANY.has(setting.$type) && seen.has(setting.$type)) {
            const word = setting.$cstNode?.text.split(/\s/)[0] ?? '';
            const line = (seen.get(setting.$type)?.$cstNode?.range.start.line ?? 0) + 1;
            const same = line === (setting.$cstNode?.range.start.line ?? 0) + 1;
            const message = `\`${word}\` is given twice${same ? ' in this line' : `: line ${line} has it already`}. Keep one of them.`;
            report('clause/twice', 'error', message, setting, { fix: removeLine('Remove this line', setting) });
        }
        seen.set(setting.$type, setting);
    }
}

function optionsTwice(node: AstNode, properties: readonly string[], report: Report): void {
    if (!repeatsWord(node)) return;
    for (const property of properties) {
        const nodes = GrammarUtils.findNodesForProperty(node.$cstNode, property);
        if (nodes.length < 2) continue;
        report('clause/twice', 'error', 'This is given twice: keep one of them.', node, {
            property,
            index: nodes.length - 1,
        });
    }
}

/** Whether a word occurs twice in a clause: rare, and quick to see. */
function repeatsWord(node: AstNode): boolean {
    const words = node.$cstNode
        ? CstUtils.flattenCst(node.$cstNode)
              .map(({ text }) => text)
              .toArray()
        : [];
    return new Set(words).size < words.length;
}

export function quoted(words: readonly string[]): string {
    return words.map((word) => `\`${word}\``).join(', ');
}
