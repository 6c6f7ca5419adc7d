/** All checks: the fast ones of each subject, and those that ask for files. */
import { AstUtils, type LangiumDocument, type LangiumSharedCoreServices } from 'langium';
import type { Problem } from '../../plan/problem.ts';
import { type Declaration, isDeclaration, type Spec, type Version } from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { collector } from '../place.ts';
import { remembered } from '../remembered.ts';
import { cacheChecks } from './caches.ts';
import { checkNode, register, runChecks } from './check.ts';
import { clauseChecks } from './clauses.ts';
import { curveChecks } from './curves.ts';
import { checkUnused, declarationChecks } from './declarations.ts';
import { emphasisChecks } from './emphasis.ts';
import { ensembleChecks } from './ensembles.ts';
import { expectationChecks } from './expectations.ts';
import { checkFilesOf } from './files.ts';
import { formerWordChecks } from './former-words.ts';
import { generateChecks } from './generates.ts';
import { checkImports } from './imports.ts';
import { infusionChecks } from './infusions.ts';
import { layerChecks } from './layers.ts';
import { learnChecks } from './learn.ts';
import { madePictureChecks } from './made-pictures.ts';
import { measureChecks } from './measures.ts';
import { digestChecks, modelChecks } from './models.ts';
import { mosaicChecks } from './mosaics.ts';
import { notationChecks } from './notation.ts';
import { numberChecks } from './numbers.ts';
import { paramValueChecks } from './param-values.ts';
import { pictureChecks } from './pictures.ts';
import { printChecks } from './prints.ts';
import { reuseChecks } from './reuse.ts';
import { samplerChecks } from './samplers.ts';
import { settingChecks } from './settings.ts';
import { sizeChecks } from './sizes.ts';
import { stringChecks } from './strings.ts';
import { sweepValueChecks } from './sweep-values.ts';
import { sweepChecks } from './sweeps.ts';
import { textCacheChecks } from './text-caches.ts';
import { windowChecks } from './windows.ts';

const FAST = register([
    cacheChecks,
    textCacheChecks,
    clauseChecks,
    curveChecks,
    declarationChecks,
    emphasisChecks,
    digestChecks,
    ensembleChecks,
    expectationChecks,
    formerWordChecks,
    generateChecks,
    infusionChecks,
    layerChecks,
    learnChecks,
    madePictureChecks,
    measureChecks,
    modelChecks,
    mosaicChecks,
    notationChecks,
    numberChecks,
    paramValueChecks,
    pictureChecks,
    printChecks,
    reuseChecks,
    samplerChecks,
    settingChecks,
    sizeChecks,
    stringChecks,
    sweepChecks,
    sweepValueChecks,
    windowChecks,
]);

/** A document knows what the checks said of its declarations. */
export interface Checked {
    readonly checked?: CheckedDeclarations;
}

/** What the checks said of declarations: true until names may lead elsewhere, when its owner clears it. */
export type CheckedDeclarations = Map<Declaration, readonly Problem[]>;

/** What can be said of a file from the texts alone. */
export function checkSpec(spec: Spec, shared: LangiumSharedCoreServices): readonly Problem[] {
    const problems: Problem[] = [];
    const report = collector(problems);
    checkNode(FAST, spec, report);
    for (const part of AstUtils.streamContents(spec))
        problems.push(...(isDeclaration(part) ? checkDeclaration(part) : runChecks(FAST, part)));
    checkImports(spec, shared.workspace.LangiumDocuments, report);
    checkUnused(spec, shared.workspace.IndexManager, report);
    return problems;
}

/** The same for a declaration, without what concerns the whole file. */
export function checkDeclaration(declaration: Declaration): readonly Problem[] {
    const { checked = new Map() }: LangiumDocument & Checked = AstUtils.getDocument(declaration);
    return remembered(checked, declaration, (one) => runChecks(FAST, one));
}

/** Whether the version that a spec names is known. */
export function checkVersion(version: Version): readonly Problem[] {
    return runChecks(FAST, version);
}

/** What the files say: that they exist, and that pictures are pictures of a fitting shape. */
export function checkFiles(node: Spec | Declaration, files: FileAccess): readonly Problem[] {
    const problems: Problem[] = [];
    checkFilesOf(node, files, collector(problems));
    return problems;
}
