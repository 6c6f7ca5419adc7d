/** Companions of the built-in model: they fit no model of another shape. Reported before a run would fail on it. */
import { type AstNode, AstUtils } from 'langium';
import { companionOf } from '../../plan/companions.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { effective, settingOf, unlikeBase } from '../meaning/inherit.ts';
import { BUILTIN_MODELS, factsOf, type UnetShape, usedModelOf } from '../meaning/models.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { declarationOf } from '../meaning/uses.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';

/** LoRAs, learned words and ControlNets in a generate whose model has another shape. */
export function reportForeign(generate: ast.Generate, files: FileAccess, report: Report): void {
    const model = settingOf(effective(generate), ast.isUseClause)?.model.ref;
    for (const { setting } of unlikeBase(generate)) {
        const at = setting.$container === generate ? setting : generate;
        reportEach(foreignIn(setting, model, files), at, report);
    }
}

/** The same in a sweep, which may change the model or the words. */
export function reportForeignInSweep(sweep: ast.Sweep, files: FileAccess, report: Report): void {
    const subject = sweep.subject?.ref;
    if (!subject) return;
    const axes = sweep.items.filter((item) => isWhole(item));
    const words = axes.filter((axis) => ast.isPromptAxis(axis) || ast.isNegativeAxis(axis));
    const settings = effective(subject);
    const models = axes.filter(ast.isModelAxis).flatMap(({ values }) => values);
    if (models.length === 0) {
        const model = settingOf(settings, ast.isUseClause)?.model.ref;
        for (const choice of words.flatMap(({ values }) => values))
            reportEach(foreignIn(choice, model, files), choice, report);
        return;
    }
    const kept = settings
        .map(({ setting }) => setting)
        .filter((setting) => !words.some((axis) => replaces(axis, setting)));
    for (const choice of models) {
        const found = [...kept, ...words].flatMap((node) => foreignIn(node, choice.model.ref, files));
        reportEach(found.slice(0, 1), choice, report);
    }
}

function replaces(axis: ast.Axis, setting: ast.Setting): boolean {
    return ast.isPromptAxis(axis) ? ast.isPromptClause(setting) : ast.isNegativeClause(setting);
}

/** A companion that does not fit the model that it is used with. */
interface Foreign {
    readonly name: string;
    readonly home: string;
    readonly model: string;
    readonly wanted: UnetShape;
    readonly found: UnetShape;
}

function foreignIn(node: AstNode, model: ast.Model | undefined, files: FileAccess): readonly Foreign[] {
    const found = model && factsOf(model, files)?.unet;
    if (!found) return [];
    return usedBy(node).flatMap((used) => {
        const { home, wanted } = homeOf(used, files);
        if (!home || !wanted || (wanted.context === found.context && `${wanted.channels}` === `${found.channels}`))
            return [];
        return [{ name: used.name, home, model: model.name, wanted, found }];
    });
}

function reportEach(all: readonly Foreign[], at: AstNode, report: Report): void {
    for (const { name, home, model, wanted, found } of all) {
        const message = `\`${name}\` fits \`${home}\` alone, which has U-Net channels ${wanted.channels.join(', ')} and text width ${wanted.context}; \`${model}\` has ${found.channels.join(', ')} and ${found.context}. Leave \`${name}\` out, or use \`${home}\`.`;
        report('model/foreign', 'error', message, at);
    }
}

/** The model that something was made for, and its shape. */
function homeOf(used: Used, files: FileAccess): { readonly home?: string; readonly wanted?: UnetShape } {
    if (ast.isLearn(used)) {
        const model = usedModelOf(used);
        const home = model === 'default' ? `builtin:${DEFAULTS.model.name}` : model?.name;
        const wanted = factsOf(model, files)?.unet;
        return home && wanted ? { home, wanted } : {};
    }
    const home = companionOf(writtenPath(used) ?? '')?.model;
    const wanted = home && BUILTIN_MODELS[home];
    return wanted ? { home: `builtin:${home}`, wanted } : {};
}

type Used = ast.Lora | ast.Embedding | ast.ControlNet | ast.Learn;

/** What a node names, itself or by way of prompts and ensembles. */
function usedBy(root: AstNode): readonly Used[] {
    const nodes = new Set<AstNode>([root]);
    const used = new Set<Used>();
    for (const node of nodes) {
        for (const { reference } of AstUtils.streamAst(node).flatMap((inner) => AstUtils.streamReferences(inner))) {
            const target = 'ref' in reference ? declarationOf(reference.ref) : undefined;
            if (ast.isAdapterSource(target) || ast.isEmbedding(target) || ast.isControlSource(target)) used.add(target);
            else if (ast.isPrompt(target) || ast.isEnsemble(target)) nodes.add(target);
        }
    }
    return [...used];
}
