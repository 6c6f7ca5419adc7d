/** The quick fix of a prompt in the notation of another tool: it writes what the notation means in a spec. */
import { type AstNode, AstUtils, GrammarUtils, isReference } from 'langium';
import type { Fix, TextChange } from '../../plan/problem.ts';
import * as ast from '../generated/ast.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf, settingsOf } from '../meaning/inherit.ts';
import { placeFrom, placeOf } from '../place.ts';
import { isName } from '../write/ingredients.ts';
import { declarationStart, unusedName } from '../write/new-declaration.ts';
import { choiceName, type ForeignMember, type ForeignPrompt, readForeign } from '../write/origins/foreign-prompt.ts';
import { isPlain, promptText } from '../write/prompt-text.ts';
import { curveText, exact, quote } from '../write/value-text.ts';

/** Where the words of a prompt are. */
export type PromptPlace = ast.Phrase | ast.Member | ast.PromptChoice;

/** The edit; undefined where a spec can't say it, or not in this place. */
export function notationFix(text: ast.Text, place: PromptPlace, words: string): Fix | undefined {
    const generates = generatesWith(place);
    const read = readForeign(words, stepsOf(readersOf(generates)));
    if (!read) return undefined;
    const names = namesFor(read, text);
    if (!names) return undefined;
    const write = writer(text, names);
    const main = mainEdit(text, place, read, write);
    if (!main) return undefined;
    // Notation that means nothing more than words.
    if (main.newText === text.$cstNode?.text && main.declared.length + read.loras.length + read.choices.length === 0)
        return undefined;
    const loras = loraEdits(place, read, generates, names);
    const choices = choiceEdits(place, read, names);
    if (!loras || !choices) return undefined;
    const declared = [...main.declared, ...loras.declared, ...choices.declared];
    const start = declarationStart(place);
    const insertion: readonly TextChange[] =
        declared.length > 0 ? [{ where: placeFrom(place, start, start), newText: `${declared.join('\n\n')}\n\n` }] : [];
    return {
        title: titleOf(read, main.kind),
        where: main.where,
        newText: main.newText,
        also: [...insertion, ...loras.changes, ...choices.changes],
    };
}

function titleOf({ loras, choices }: ForeignPrompt, kind: 'words' | 'ensemble'): string {
    if (choices.length > 0) return 'Write a param and a sweep';
    if (kind === 'ensemble') return 'Write an ensemble';
    return loras.length > 0 ? 'Write `apply`' : 'Write it as phrases';
}

// ── Names ──────────────────────────────────────────────────────────────

interface Names {
    readonly loras: ReadonlyMap<string, { readonly name: string; readonly isNew: boolean }>;
    readonly learned: ReadonlyMap<string, { readonly name: string; readonly isNew: boolean }>;
    readonly choices: readonly string[];
}

/** Names of what the prompt asks for: those of declarations that are there, else new ones. */
function namesFor({ loras, learned, choices }: ForeignPrompt, text: ast.Text): Names | undefined {
    const spec = AstUtils.getContainerOfType(text, ast.isSpec);
    if (!spec) return undefined;
    const named = (wanted: readonly string[], is: (node: unknown) => node is ast.Lora | ast.Embedding) =>
        new Map(
            wanted.map((one) => {
                const known = spec.declarations.find(
                    (node): node is ast.Lora | ast.Embedding =>
                        is(node) && (node.name === one || fileName(node.source ?? '') === one.toLowerCase()),
                );
                return [one, { name: known?.name ?? unusedName(nameOf(one), spec), isNew: !known }] as const;
            }),
        );
    return {
        loras: named(
            loras.map(({ name }) => name),
            ast.isLora,
        ),
        learned: named(learned, ast.isEmbedding),
        choices: choices.map((_, k) => unusedName(choiceName(k), spec)),
    };
}

function fileName(path: string | undefined): string | undefined {
    return path
        ?.split('/')
        .at(-1)
        ?.replace(/\.\w+$/, '')
        .toLowerCase();
}

/** A name of the language for the name of a file. */
function nameOf(file: string): string {
    const name = file.replace(/[^\w-]+/g, '_').replace(/^[^A-Za-z_]+/, '');
    return isName(name) ? name : `own-${name || 'file'}`;
}

/** Writes words as a string in which the params and learned words of the text, and the new ones, are holes. */
function writer(text: ast.Text, { learned, choices }: Names): (words: string) => string {
    const holes = ast.isTemplateText(text) ? text.holes.map(({ target }) => target.$refText) : [];
    const back: (readonly [string, string])[] = [
        ...choices.map((name, k) => [`\\{${choiceName(k)}}`, `{${name}}`] as const),
        ...[...learned].map(([wanted, { name }]) => [`\\<${wanted}>`, `<${name}>`] as const),
        ...holes.flatMap((name) => [[`\\{${name}}`, `{${name}}`] as const, [`\\<${name}>`, `<${name}>`] as const]),
    ];
    return (words) => back.reduce((all, [from, to]) => all.replaceAll(from, () => to), quote(words));
}

// ── The words themselves ───────────────────────────────────────────────

interface MainEdit extends TextChange {
    readonly kind: 'words' | 'ensemble';
    /** Declarations that the edit needs before the one that it is in. */
    readonly declared: readonly string[];
}

type Write = (words: string) => string;

function mainEdit(text: ast.Text, place: PromptPlace, read: ForeignPrompt, write: Write): MainEdit | undefined {
    const [only, ...more] = read.members;
    return only && more.length === 0 ? asWords(text, place, only, write) : asEnsemble(place, read, write);
}

function asWords(text: ast.Text, place: PromptPlace, { phrases }: ForeignMember, write: Write): MainEdit | undefined {
    const edit = (node: AstNode, newText: string, ...declared: string[]): MainEdit => ({
        kind: 'words',
        where: placeOf(node),
        newText,
        declared,
    });
    const [only, ...more] = phrases;
    if (!only || (more.length === 0 && isPlain(only))) return edit(text, write(only?.text ?? ''));
    if (ast.isPhrase(place)) {
        if (place.weight || place.window || place.words.length > 0) return undefined;
        const brace = GrammarUtils.findNodeForKeyword(place.$container.$cstNode, '{');
        const isBlock = brace !== undefined && brace.offset < (place.$cstNode?.offset ?? 0);
        return edit(place, promptText({ phrases }, write, isBlock ? { between: ' ' } : {}));
    }
    if (ast.isMember(place)) return edit(text, `{ ${promptText({ phrases }, write, { between: ' ' })} }`);
    const name = unusedName('words', AstUtils.getContainerOfType(place, ast.isSpec)!);
    return edit(place, name, `prompt ${name} {\n    ${promptText({ phrases }, write, { between: '\n    ' })}\n}`);
}

function asEnsemble(place: PromptPlace, read: ForeignPrompt, write: Write): MainEdit | undefined {
    const spec = AstUtils.getContainerOfType(place, ast.isSpec)!;
    const { $container: container } = place;
    if (ast.isPhrase(place) && (place.weight || place.window || place.words.length > 0)) return undefined;
    if (ast.isPromptClause(container) && container.phrases.length === 1) {
        const name = unusedName('mixture', spec);
        const declared = [ensembleText(name, read, write)];
        return { kind: 'ensemble', where: placeOf(container), newText: `prompt ${name}`, declared };
    }
    if (ast.isPrompt(container) && container.phrases.length === 1 && isOnlyPrompt(container)) {
        const newText = ensembleText(container.name, read, write);
        return { kind: 'ensemble', where: placeOf(container), newText, declared: [] };
    }
    if (ast.isPromptAxis(container)) {
        const name = unusedName('mixture', spec);
        return { kind: 'ensemble', where: placeOf(place), newText: name, declared: [ensembleText(name, read, write)] };
    }
    return undefined;
}

/** Whether a prompt is used only where an ensemble fits as well. */
function isOnlyPrompt(prompt: ast.Prompt): boolean {
    return usersOf(prompt).every(
        (user) => ast.isPromptClause(user) || (ast.isPromptChoice(user) && ast.isPromptAxis(user.$container)),
    );
}

function ensembleText(name: string, { members, over, sum }: ForeignPrompt, write: Write): string {
    const lines = members.map(({ phrases, weight }) => {
        const [first, ...more] = phrases;
        const isText = more.length === 0 && (!first || isPlain(first));
        const words = isText ? write(first?.text ?? '') : `{ ${promptText({ phrases }, write, { between: ' ' })} }`;
        return `    ${words} share ${curveText(weight)}`;
    });
    const note =
        sum === 1
            ? []
            : [`    // AND adds its prompts up: the same strength is guidance times ${exact(Number(sum.toFixed(4)))}.`];
    return [`ensemble ${name}${over === 'predictions' ? '' : ` over ${over}`} {`, ...note, ...lines, '}'].join('\n');
}

// ── What is said beside the words ──────────────────────────────────────

interface FurtherEdits {
    readonly declared: readonly string[];
    readonly changes: readonly TextChange[];
}

/** The generates of this file whose prompt is in this place. */
function generatesWith(place: PromptPlace): readonly ast.Generate[] {
    const clause = place.$container;
    if (ast.isPromptClause(clause)) return [clause.$container].filter(ast.isGenerate);
    if (!ast.isPrompt(clause)) return [];
    return usersOf(clause).flatMap((user) =>
        ast.isPromptClause(user) && ast.isGenerate(user.$container) ? [user.$container] : [],
    );
}

/** What names a prompt in its own file. */
function usersOf(prompt: ast.Prompt): readonly AstNode[] {
    return AstUtils.getDocument(prompt).references.flatMap((reference) =>
        isReference(reference) && reference.ref === prompt && reference.$refNode ? [reference.$refNode.astNode] : [],
    );
}

/** Generates with the prompts of these: themselves, and those that inherit them. */
function readersOf(generates: readonly ast.Generate[]): readonly ast.Generate[] {
    const clauses = new Set(generates.map((generate) => settingOf(effective(generate), ast.isPromptClause)));
    const all = generates[0]?.$container.declarations.filter(ast.isGenerate) ?? [];
    return all.filter((generate) => clauses.has(settingOf(effective(generate), ast.isPromptClause)));
}

/** The steps that these pictures have in common; undefined where they differ, are no plain number, or a sweep varies them. */
function stepsOf(generates: readonly ast.Generate[]): number | undefined {
    const sweeps = generates[0]?.$container.declarations.filter(ast.isSweep) ?? [];
    const isVaried = sweeps.some(({ items }) => items.some((item) => ast.isNumberAxis(item) && item.kind === 'steps'));
    if (isVaried) return undefined;
    const counts = generates.map((generate) => {
        const clause = settingOf(effective(generate), ast.isStepsClause);
        return clause ? (ast.isNumberAmount(clause.value) ? clause.value.value : undefined) : DEFAULTS.steps;
    });
    return new Set(counts).size === 1 ? counts[0] : undefined;
}

/** Applies the LoRAs in every generate with this prompt; undefined where there is none. */
function loraEdits(
    place: PromptPlace,
    { loras, learned }: ForeignPrompt,
    generates: readonly ast.Generate[],
    names: Names,
): FurtherEdits | undefined {
    const words = learned.flatMap((one) => {
        const { name, isNew } = names.learned.get(one)!;
        return isNew ? [`embedding ${name} = ${quote(`./${one}.safetensors`)}`] : [];
    });
    if (loras.length === 0) return { declared: [...new Set(words)], changes: [] };
    if (generates.length === 0) return undefined;
    // The weights of a LoRA that is named twice add up.
    const sums = new Map<string, number>();
    for (const { name, weight } of loras) sums.set(name, (sums.get(name) ?? 0) + weight);
    const used = [...sums].map(([name, weight]) => ({ name, weight }));
    const files = used.flatMap(({ name: file }) => {
        const { name, isNew } = names.loras.get(file)!;
        return isNew ? [`lora ${name} = ${quote(`./${file}.safetensors`)}`] : [];
    });
    const changes = generates.flatMap((generate): readonly TextChange[] => {
        const applied = settingsOf(effective(generate), ast.isApplyClause).map(({ lora }) => lora.$refText);
        const clause = generate.settings.find(ast.isPromptClause);
        const fresh = used.filter(({ name }) => !applied.includes(names.loras.get(name)!.name));
        if (!clause?.$cstNode || fresh.length === 0) return [];
        const lines = fresh.map(
            ({ name, weight }) =>
                `apply ${names.loras.get(name)!.name}${weight === 1 ? '' : ` weight ${exact(weight)}`}`,
        );
        const { end } = clause.$cstNode;
        return [{ where: placeFrom(place, end, end), newText: lines.map((line) => lineBreak(clause) + line).join('') }];
    });
    return { declared: [...new Set([...words, ...files])], changes };
}

/** What separates a clause from the next: a line of its own where this one has one. */
function lineBreak(clause: ast.PromptClause): string {
    const text = AstUtils.getDocument(clause).textDocument.getText();
    const [before] = /[^\n]*$/.exec(text.slice(0, clause.$cstNode!.offset)) ?? [''];
    return before.trim() === '' ? `\n${before}` : ' ';
}

/** A param for each list of choices, and a sweep over them behind the generate. */
function choiceEdits(place: PromptPlace, { choices }: ForeignPrompt, names: Names): FurtherEdits | undefined {
    if (choices.length === 0) return { declared: [], changes: [] };
    const generate = place.$container.$container;
    if (!ast.isPromptClause(place.$container) || !ast.isGenerate(generate) || !generate.$cstNode) return undefined;
    const spec = AstUtils.getContainerOfType(generate, ast.isSpec)!;
    const declared = choices.map((options, k) => `param ${names.choices[k]} = ${quote(options[0]!)}`);
    const axes = choices.map((options, k) => `    ${names.choices[k]} in [${options.map(quote).join(', ')}]`);
    const sweep = `sweep ${unusedName(`${generate.name}-choices`, spec)} over ${generate.name} {\n${axes.join('\n')}\n}`;
    const { end } = generate.$cstNode;
    return { declared, changes: [{ where: placeFrom(place, end, end), newText: `\n\n${sweep}` }] };
}
