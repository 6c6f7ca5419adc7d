/** The model that a place in a spec is about, and the words that it knows. */
import { type AstNode, AstUtils, type URI, UriUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { effective } from '../meaning/inherit.ts';
import { isKnown, modelRef, type UsedModel, usedModel } from '../meaning/models.ts';
import type { Files } from './files.ts';

/** The words that a built-in model knows, by sort; templates show how they combine. */
export interface Vocabulary {
    readonly words: readonly { readonly word: string; readonly sort: string }[];
    readonly templates: readonly string[];
}

/** Reads vocabularies from the folder of the models that come with sdspec. */
export class Vocabularies {
    readonly #files: Files;
    readonly #folder: URI | undefined;

    constructor(files: Files, folder: URI | undefined) {
        this.#files = files;
        this.#folder = folder;
    }

    of(model: UsedModel | undefined): Vocabulary | undefined {
        const ref = isKnown(model) ? modelRef(model) : undefined;
        if (ref?.kind !== 'builtin' || !this.#folder) return undefined;
        const text = this.#files.readText(UriUtils.joinPath(this.#folder, ref.name, 'vocabulary.json').toString());
        return text === undefined ? undefined : vocabularyOf(text);
    }
}

function vocabularyOf(text: string): Vocabulary | undefined {
    const found = parse(text);
    if (!found) return undefined;
    const sorts = Object.entries(found).filter(([sort]) => sort !== 'templates');
    return {
        words: sorts.flatMap(([sort, words]) => strings(words).map((word) => ({ word, sort }))),
        templates: strings(found['templates']),
    };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null ? { ...value } : undefined;
    } catch {
        return undefined; // Without its vocabulary a model still paints; only the completion of words is missing.
    }
}

function strings(value: unknown): readonly string[] {
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** The model of the generate or sweep around a node; elsewhere the only one that the file's generates use. */
export function modelAt(node: AstNode | undefined, spec: ast.Spec): UsedModel | undefined {
    const sweep = AstUtils.getContainerOfType(node, ast.isSweep);
    const generate = sweep ? sweep.subject?.ref : AstUtils.getContainerOfType(node, ast.isGenerate);
    if (generate) return usedModel(effective(generate));
    const used = new Set(spec.declarations.filter(ast.isGenerate).map((one) => usedModel(effective(one))));
    if (used.size > 0) return used.size === 1 ? [...used][0] : undefined;
    const [only, ...more] = spec.declarations.filter(ast.isModel);
    return more.length === 0 ? (only ?? 'default') : undefined;
}
