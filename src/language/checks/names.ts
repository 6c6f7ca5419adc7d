/** Names that lead nowhere: the nearest known name, the right kind, or the import that is missing. */

import {
    type AstNode,
    AstUtils,
    type LangiumCoreServices,
    type LangiumDocument,
    type LinkingError,
    type URI,
    UriUtils,
} from 'langium';
import type { Fix, Problem } from '../../plan/problem.ts';
import { SD } from '../../plan/topology.ts';
import * as ast from '../generated/ast.ts';
import { holeKind } from '../grammar/text.ts';
import { LIBRARY_SCHEME } from '../library/library.ts';
import { failedImportOf, importedUri } from '../linking/imports.ts';
import { nearest } from '../linking/nearest.ts';
import { folderOfSpec } from '../linking/paths.ts';
import { CLAUSES } from '../meaning/clause-words.ts';
import { baseReference } from '../meaning/inherit.ts';
import { declarationOf } from '../meaning/uses.ts';
import { placeAt, placeOf } from '../place.ts';
import { remembered } from '../remembered.ts';
import { declareFix } from './declare-fix.ts';
import { hasForeignHoles } from './notation.ts';

/** What the declarations of each kind are called in sentences. */
const KINDS: Readonly<Record<string, string>> = {
    Model: 'model',
    Lora: 'lora',
    Embedding: 'embedding',
    ControlNet: 'controlnet',
    Upscaler: 'upscaler',
    Image: 'image',
    Param: 'param',
    Prompt: 'prompt',
    Ensemble: 'ensemble',
    LayerSet: 'set of layers',
    WeightSet: 'set of weights',
    Generate: 'generate',
    Sweep: 'sweep',
    Mosaic: 'mosaic',
    Print: 'print',
    Learn: 'learn',
    Layer: 'layer',
    Sampler: 'sampler',
    Schedule: 'schedule',
    Member: 'member of the ensemble',
    PictureSource: 'image or generate',
    PromptSource: 'prompt or ensemble',
    HoleTarget: 'param, embedding or learn',
    AdapterSource: 'lora or learn',
    LessonSource: 'image, generate or sweep',
    NamedClause: 'clause',
    NamedSettings: 'set of settings',
    Base: 'generate or settings',
    Declaration: 'declaration',
};

export function nameProblems(document: LangiumDocument, services: LangiumCoreServices): readonly Problem[] {
    const foreign = new Map<AstNode, boolean>();
    return document.references.flatMap((reference) => {
        const { error } = reference;
        if (!error || reference.$refText === '' || !reference.$refNode) return [];
        const { container } = error.info;
        // The check of imports says what is wrong with the file, and once.
        if (ast.isImportedName(container) && !isRead(importedUri(container.$container), services)) return [];
        if (failedImportOf(reference.$refText, container) && !ast.isImportedName(container)) return [];
        // Reported as notation of other tools.
        if (ast.isHole(container) && remembered(foreign, container.$container, hasForeignHoles)) return [];
        return [nameProblem(error, reference.$refNode.range, document, services)];
    });
}

function isRead(file: URI | undefined, services: LangiumCoreServices): boolean {
    return file?.path.endsWith('.sdspec') === true && services.shared.workspace.LangiumDocuments.hasDocument(file);
}

function nameProblem(
    { info }: LinkingError,
    range: Parameters<typeof placeAt>[1],
    document: LangiumDocument,
    services: LangiumCoreServices,
): Problem {
    const where = placeAt(document.uri.toString(), range);
    const name = info.reference.$refText;
    const { container, property } = info;
    const problem = (code: string, message: string, fix?: Fix): Problem => ({
        code,
        severity: 'error',
        message,
        where,
        ...(fix ? { fix } : {}),
    });

    const scope = services.references.ScopeProvider.getScope(info);
    // Nothing is a part of itself.
    const around = declarationOf(container);
    const self = around && 'name' in around ? around.name : undefined;
    const known = scope.getAllElements().map((description) => description.name);
    const near = nearest(
        name,
        known.filter((one) => one !== self),
    );
    const meant = near ? ` Did you mean \`${near}\`?` : '';
    const rename = near ? { title: `Change to \`${near}\``, where, newText: near } : undefined;

    if (ast.isImportedName(container)) {
        const message = `"${container.$container.path}" declares no \`${name}\`.${meant}`;
        return problem('import/unknown', message, rename);
    }
    const kind = kindOf(services.shared.AstReflection.getReferenceType(info), container);
    if (ast.isLayerRange(container)) return layerProblem(name, container, problem, near, rename);
    const elsewhere = AstUtils.findRootNode(container);
    const other = ast.isSpec(elsewhere)
        ? elsewhere.declarations.find((d) => 'name' in d && d.name === name)
        : undefined;
    if (other && KINDS[other.$type] && KINDS[other.$type] !== kind) {
        return problem(
            'name/kind',
            `\`${name}\` is ${a(KINDS[other.$type]!)}, but ${a(kind)} is needed here.${meant}`,
            rename,
        );
    }
    if (ast.isParamAxis(container) && property === 'param') {
        const field = near ?? nearest(name, AXES);
        const message = `\`${name}\` is no param and nothing that a sweep can vary.`;
        const fix = field ? { title: `Change to \`${field}\``, where, newText: field } : undefined;
        return problem('sweep/unknown', field ? `${message} Did you mean \`${field}\`?` : message, fix);
    }
    if (property === 'clause') return clauseProblem(name, container, problem, rename);
    const other_file = rename ? undefined : importFix(name, info, document, services);
    const hint = other_file ? ` It is declared in "${other_file.path}": import it.` : meant || ` ${howTo(kind, name)}`;
    const fix = rename ?? other_file?.fix ?? declareFix(kind, name, container);
    return problem('name/unknown', `There is no ${kind} named \`${name}\`.${hint}`, fix);
}

/** A clause that is meant by its name: `early weight in […]`, `without early`. */
function clauseProblem(
    name: string,
    container: LinkingError['info']['container'],
    problem: (code: string, message: string, fix?: Fix) => Problem,
    rename: Fix | undefined,
): Problem {
    const where = placeOf(container, { property: 'clause' });
    const kind = ast.isWithoutClause(container) ? nearest(name, CLAUSES.Generate) : undefined;
    const fix = rename ?? (kind ? { title: `Change to \`${kind}\``, where, newText: kind } : undefined);
    const subject = ast.isWithoutClause(container)
        ? baseReference(AstUtils.getContainerOfType(container, ast.isGenerate))?.$refText
        : AstUtils.getContainerOfType(container, ast.isSweep)?.subject?.$refText;
    const hint = fix ? `Did you mean \`${fix.newText}\`?` : `Give one the name, as in \`infuse elephant as ${name}\`.`;
    const message = subject
        ? `\`${subject}\` has no clause named \`${name}\`.`
        : `No base has a clause named \`${name}\`.`;
    return problem('clause/unknown', `${message} ${hint}`, fix);
}

const AXES = [
    'seed',
    'steps',
    'guidance',
    'strength',
    'eta',
    'size',
    'sampler',
    'prompt',
    'negative',
    'use',
    'infuse',
    'scale',
];

function kindOf(type: string, container: LinkingError['info']['container']): string {
    if (ast.isHole(container)) {
        const { $container: text, $containerIndex: index = 0 } = container;
        return holeKind(text, index) === 'embedding' ? 'learned word' : 'param';
    }
    return KINDS[type] ?? 'declaration';
}

function layerProblem(
    name: string,
    selector: ast.LayerRange,
    problem: (code: string, message: string, fix?: Fix) => Problem,
    near: string | undefined,
    rename: Fix | undefined,
): Problem {
    const spec = AstUtils.getContainerOfType(selector, ast.isSpec);
    const set = spec?.declarations.find((d) => ast.isLayerSet(d) && d.name === name);
    if (set) {
        const fix = {
            title: `Write \`@${name}\``,
            where: placeOf(selector, { property: 'first' }),
            newText: `@${name}`,
        };
        return problem('layer/unknown', `\`${name}\` is a set of layers: write \`@${name}\`.`, fix);
    }
    const numbered = numberedLayers(name);
    if (numbered) return problem('layer/unknown', `The U-Net has no layer \`${name}\`: there are ${numbered}.`);
    const ranges = ['down.', 'mid', 'up.', 'skip.', 'IN', 'M00', 'OUT'].map((start) => endsOf(start));
    const hint = near
        ? ` Did you mean \`${near}\`?`
        : ` Layers are ${ranges.slice(0, -1).join(', ')} and ${ranges.at(-1)}.`;
    return problem('layer/unknown', `The U-Net has no layer \`${name}\`.${hint}`, rename);
}

/** The layers of a name's kind, where its number is too high. */
function numberedLayers(name: string): string | undefined {
    const [, start] = /^(skip\[|(?:down|up|skip)\.|IN|OUT)\d+\]?$/.exec(name) ?? [];
    return start && endsOf(start);
}

/** The first and the last layer whose names begin so. */
function endsOf(start: string): string {
    const names = [...SD.stages, ...SD.points].filter((name) => name.startsWith(start));
    const [first, last] = [`\`${names[0]}\``, `\`${names.at(-1)}\``];
    return first === last ? first : `${first} to ${last}`;
}

function a(kind: string): string {
    return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function howTo(kind: string, name: string): string {
    switch (kind) {
        case 'model':
            return `Declare it: \`model ${name} = "builtin:sketch"\`.`;
        case 'image or generate':
        case 'image':
            return `Declare it: \`image ${name} = "./${name}.png"\`.`;
        case 'prompt or ensemble':
        case 'prompt':
            return `Declare it: \`prompt ${name} = "…"\`, or write the words in quotes.`;
        case 'learned word':
            return `Declare it: \`embedding ${name} = "./${name}.safetensors"\`, or write \`\\<\` for the character.`;
        case 'param':
            return `Declare it: \`param ${name} = "…"\`, or write \`\\{\` for the character.`;
        default:
            return 'Declare it, or import it from the file that does.';
    }
}

/** Another file of the workspace that declares the name, as an import clause. */
function importFix(
    name: string,
    info: LinkingError['info'],
    document: LangiumDocument,
    services: LangiumCoreServices,
): { readonly path: string; readonly fix: Fix } | undefined {
    const type = services.shared.AstReflection.getReferenceType(info);
    const description = services.shared.workspace.IndexManager.allElements(type).find(
        (d) =>
            d.name === name && d.documentUri.scheme === document.uri.scheme && d.documentUri.scheme !== LIBRARY_SCHEME,
    );
    const spec = document.parseResult.value;
    if (!description || !ast.isSpec(spec)) return undefined;
    const path = pathTo(document.uri, description.documentUri);
    const present = spec.imports.find((i) => importedUri(i)?.toString() === description.documentUri.toString());
    const last = present?.names.at(-1);
    if (last) {
        const where = placeOf(last);
        const after = { uri: where.uri, start: where.end, end: where.end };
        return { path, fix: { title: `Import \`${name}\``, where: after, newText: `, ${name}` } };
    }
    const start = { line: 0, character: 0 };
    const text = `import { ${name} } from "${path}"\n${spec.imports.length === 0 ? '\n' : ''}`;
    return {
        path,
        fix: {
            title: `Import \`${name}\` from "${path}"`,
            where: placeAt(document.uri.toString(), { start, end: start }),
            newText: text,
        },
    };
}

function pathTo(from: URI, to: URI): string {
    const path = UriUtils.relative(folderOfSpec(from), to);
    return path.startsWith('.') ? path : `./${path}`;
}
