/** A runnable spelled out as one spec: inheritance flattened, defaults written, imports and params filled, explained in comments. */
import { type AstNode, AstUtils } from 'langium';
import { isBuiltin } from '../../../plan/companions.ts';
import * as ast from '../../generated/ast.ts';
import { isGlob, relativePath, specFolderOf } from '../../linking/paths.ts';
import { type Lowering, paramValue } from '../../lower/context.ts';
import { boundBy } from '../../meaning/bindings.ts';
import { neededBy } from '../../meaning/uses.ts';
import { oneLine, quote } from '../value-text.ts';
import { spelledGenerate } from './generate.ts';
import { type DigestOfFile, movedText, paramText, type SpelledSpec } from './moved-text.ts';
import { ordered } from './needed.ts';

/**
 * The spec of one runnable and of all that it needs, which runs to the same plan. Paths are relative to its own folder;
 * comments have the digests of files, the steps of windows, and what layers are.
 */
export function spelledOut(
    runnable: ast.Runnable,
    context: Lowering,
    digestOf: DigestOfFile = () => undefined,
): string {
    const needed = neededBy(runnable);
    const names = namesOf(runnable, needed);
    // What the runnable sets by `with` is what its params are declared with here.
    const subject = ast.isSweep(runnable) ? runnable.subject.ref : runnable;
    const writer: SpelledSpec = {
        names,
        context: ast.isGenerate(subject) ? { ...context, bound: boundBy(subject) } : context,
        digestOf,
        defaultModel: freeName('sketch', new Set(names.values())),
        isSwept: ast.isSweep(runnable) && runnable.items.some(ast.isSamplerAxis),
    };
    const parts = ordered(runnable).map((declaration) =>
        declarationText(declaration, declaration === runnable, writer),
    );
    const usesDefault = parts.some((text) => new RegExp(`^    use ${writer.defaultModel}$`, 'm').test(text));
    const isDeclared = needed.some((one) => names.get(one) === writer.defaultModel);
    const model = usesDefault && !isDeclared ? [`model ${writer.defaultModel} = ${quote('builtin:sketch')}\n`] : [];
    return [...model, ...parts].join('\n');
}

/** Declarations keep their names in the runnable's own file: labels of sweeps are made of them. Others make room. */
function namesOf(runnable: ast.Runnable, needed: readonly ast.Declaration[]): ReadonlyMap<AstNode, string> {
    const names = new Map<AstNode, string>();
    const spec = AstUtils.getContainerOfType(runnable, ast.isSpec);
    const aliases = new Map(
        spec?.imports.flatMap(({ names: all }) => all.map(({ target, alias }) => [target?.ref, alias] as const)),
    );
    const taken = new Set<string>();
    const near = (one: ast.Declaration) => AstUtils.getContainerOfType(one, ast.isSpec) === spec || aliases.has(one);
    for (const declaration of [...needed].sort((a, b) => Number(near(b)) - Number(near(a)))) {
        const name = freeName(aliases.get(declaration) ?? nameIn(declaration), taken);
        taken.add(name);
        names.set(declaration, name);
    }
    return names;
}

function nameIn(declaration: ast.Declaration): string {
    return 'name' in declaration && declaration.name ? declaration.name : 'unnamed';
}

/** A name that a spec has is one that it may have. */
function freeName(wanted: string, taken: ReadonlySet<string>): string {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}_${n}`;
    return name;
}

function declarationText(declaration: ast.Declaration, isRun: boolean, writer: SpelledSpec): string {
    const name = writer.names.get(declaration) ?? nameIn(declaration);
    if (ast.isGenerate(declaration)) return spelledGenerate(declaration, name, isRun, writer);
    if (ast.isParam(declaration)) {
        const value = paramValue(declaration, writer.context);
        return `param ${name} = ${paramText(declaration, value)}\n`;
    }
    const text = movedText(declaration, writer, name);
    if (ast.isImage(declaration) && isGlob(declaration.source ?? ''))
        return `${digestsOfSet(declaration, writer)}${text}\n`;
    const digest = 'source' in declaration && !declaration.digest ? digestText(declaration, writer) : '';
    return `${text}${digest}\n`;
}

/** The digest of a file that the spec does not pin. */
function digestText(declaration: ast.Declaration, { context, digestOf }: SpelledSpec): string {
    const source = 'source' in declaration && typeof declaration.source === 'string' ? declaration.source : '';
    if (source === '' || isBuiltin(source) || source.includes(':')) return '';
    const sha256 = digestOf(relativePath(source, specFolderOf(declaration), context.home));
    return sha256 ? ` // sha256:${sha256}` : '';
}

/** The digests of the pictures of a set, a comment each. */
function digestsOfSet(image: ast.Image, { context, digestOf }: SpelledSpec): string {
    const folder = specFolderOf(image);
    const found = context.files?.glob(folder.toString(), image.source!) ?? [];
    const lines = found.flatMap((path) => {
        const file = relativePath(path, folder, context.home);
        const sha256 = digestOf(file);
        return sha256 ? [`// ${oneLine(file)} sha256:${sha256}\n`] : [];
    });
    return lines.join('');
}
