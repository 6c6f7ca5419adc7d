/** Files: that they exist, that pictures are pictures, and that their shapes fit. Asked when idle and before a run. */
import { type AstNode, AstUtils, GrammarUtils } from 'langium';
import { isBuiltin } from '../../plan/companions.ts';
import type { Size } from '../../plan/plan.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { nearest } from '../linking/nearest.ts';
import { isGlob, isShare, manyFiles, specFolderOf, uriOf } from '../linking/paths.ts';
import { NO_CHANGES } from '../lower/changes.ts';
import { DEFAULTS } from '../meaning/defaults.ts';
import { type Effective, effective, settingOf, unlikeBase } from '../meaning/inherit.ts';
import { layerWeights, sitesOf } from '../meaning/layers.ts';
import { factsOf, hasSite, modelKind, type UnetShape, usedModel } from '../meaning/models.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { sizeInForce } from '../meaning/size.ts';
import { type Report, replace } from '../place.ts';
import { reportForeign, reportForeignInSweep } from './companions.ts';
import { checkLearnFiles } from './learn-files.ts';
import { checkMosaicShape } from './mosaics.ts';
import { checkPrintSize } from './prints.ts';
import { reportWords } from './prompt-words.ts';
import { checkBundled, checkCheckpoint, checkHead } from './weight-files.ts';

/** More pixels than this are refused: a slip, or an attack. */
const MAX_PIXELS = 100_000_000;
const SOURCE = { property: 'source' } as const;

/** What each declaration takes. */
const ROLES = { Lora: 'adapter', Embedding: 'embedding', ControlNet: 'controlnet' } as const;

export function checkFilesOf(root: AstNode, files: FileAccess, report: Report): void {
    for (const node of AstUtils.streamAst(root)) {
        if (ast.isImage(node)) checkImage(node, files, report);
        else if (ast.isModel(node)) checkModel(node, files, report);
        else if (ast.isLora(node) || ast.isEmbedding(node) || ast.isUpscaler(node))
            checkNetwork(node, ['file'], files, report);
        else if (ast.isControlNet(node)) checkNetwork(node, ['file', 'folder'], files, report);
        else if (ast.isNoiseClause(node)) checkFile(node, node.file, ['file'], files, report, { property: 'file' });
        else if (ast.isPaperClause(node))
            checkFile(node, node.profile, ['file'], files, report, { property: 'profile' });
        else if (ast.isGenerate(node)) checkGenerate(node, files, report);
        else if (ast.isLearn(node)) checkLearnFiles(node, files, report);
        else if (ast.isMosaic(node)) checkMosaicShape(node, files, report);
        else if (ast.isPrint(node)) checkPrintSize(node, files, report);
        else if (ast.isSweep(node)) reportForeignInSweep(node, files, report);
    }
}

function uriIn(node: AstNode, path: string): string {
    return uriOf(path, specFolderOf(node)).toString();
}

/** What comes with sdspec is no file of the user's; an unknown name is reported at once, without looking at files. */
function checkNetwork(
    node: ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler,
    kinds: readonly ('file' | 'folder')[],
    files: FileAccess,
    report: Report,
): void {
    const path = writtenPath(node);
    const part = node.template ? { property: 'template' } : SOURCE;
    if (path === undefined || isBuiltin(path) || !checkFile(node, path, kinds, files, report, part)) return;
    if (ast.isUpscaler(node)) return;
    const role = ROLES[node.$type];
    const uri = uriIn(node, path);
    if (checkHead(node, { path, uri, role }, files, report, part)) return;
    if (ast.isLora(node)) checkBundled(node, uri, files, report);
}

function checkFile(
    node: AstNode,
    path: string | undefined,
    kinds: readonly ('file' | 'folder')[],
    files: FileAccess,
    report: Report,
    part: { readonly property: string } = SOURCE,
): boolean {
    if (!path) return false;
    if (reportShare(node, path, report, part) || hasBackslash(node, part, report)) return false;
    const kind = files.kindOf(uriIn(node, path));
    if (kind && kinds.includes(kind)) return true;
    if (kind) {
        const message = `"${path}" is a ${kind}, but a ${kinds.join(' or ')} is needed here.`;
        report('file/kind', 'error', message, node, part);
        return false;
    }
    const near = kinds.includes('file') ? nearestFile(node, path, files) : undefined;
    const hint = near ? `. Did you mean "${near}"?` : pathHint(node, path);
    const fix = near && replace(`Change to "${near}"`, node, `"${near}"`, part);
    report('file/missing', 'error', `There is no file "${path}"${hint}`, node, { ...part, ...(fix ? { fix } : {}) });
    return false;
}

/** Why a path may lead nowhere, and what to write instead. */
function pathHint(node: AstNode, path: string): string {
    if (/^(?:https?|ftp):/.test(path)) return ': a run reads nothing from the network: save the file beside this one.';
    if (path.startsWith('~')) return ': `~` means nothing here: write the whole path, or one relative to this file.';
    if (ast.isModel(node) && /^[\w-]+\/[\w.-]+$/.test(path))
        return `: the path is relative to this file's folder; a model of the hub is "hf:${path}".`;
    return /^(?:\/|[A-Za-z]:)/.test(path) ? '.' : ": the path is relative to this file's folder.";
}

/** The file of the same folder whose name is nearest to a path's. */
function nearestFile(node: AstNode, path: string, files: FileAccess): string | undefined {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const there = files.glob(uriIn(node, folder.slice(0, -1) || '.'), '*') ?? [];
    const near = nearest(path.slice(folder.length), there);
    return near === undefined ? undefined : `${folder}${near}`;
}

function reportShare(node: AstNode, path: string, report: Report, part: { readonly property: string }): boolean {
    if (!isShare(path)) return false;
    const message = `"${path}" is on another machine: copy the file beside this one, or mount the share and write its local path.`;
    report('file/share', 'error', message, node, part);
    return true;
}

/** A path of Windows as it is copied: `\\n` in a string is a line break, so that the path is not the one that was meant. */
function hasBackslash(node: AstNode, part: { readonly property: string }, report: Report): boolean {
    const raw = GrammarUtils.findNodeForProperty(node.$cstNode, part.property)?.text ?? '';
    if (!/(?<!\\)(?:\\\\)*\\(?![\\"])/.test(raw)) return false;
    const slashes = raw.replace(/\\+(?!")/g, '/');
    const message = `A path is written with \`/\`, on Windows too: write ${slashes}. A \`\\\` in a string begins an escape such as \`\\n\`.`;
    report('file/backslash', 'error', message, node, {
        ...part,
        fix: replace(`Change to ${slashes}`, node, slashes, part),
    });
    return true;
}

function checkImage(image: ast.Image, files: FileAccess, report: Report): void {
    const path = writtenPath(image);
    if (!path || (isGlob(path) && reportShare(image, path, report, SOURCE))) return;
    if (isGlob(path)) {
        if (hasBackslash(image, SOURCE, report)) return;
        const folder = specFolderOf(image);
        const found = files.glob(folder.toString(), path);
        if (!found) {
            report('file/many', 'error', manyFiles(path), image, SOURCE);
            return;
        }
        if (found.length === 0) {
            report(
                'file/missing',
                'error',
                `No picture fits "${path}": the path is relative to this file's folder.`,
                image,
                SOURCE,
            );
        }
        for (const name of found) checkPicture(image, name, files, report);
    } else if (checkFile(image, path, ['file'], files, report)) checkPicture(image, path, files, report);
}

function checkPicture(image: ast.Image, path: string, files: FileAccess, report: Report): void {
    const size = files.pictureSize(uriIn(image, path));
    if (!size) {
        report(
            'image/unreadable',
            'error',
            `"${path}" is no picture that can be read: take a PNG, JPEG, WebP, TIFF, AVIF or GIF.`,
            image,
            SOURCE,
        );
    } else if (size.width * size.height > MAX_PIXELS) {
        report(
            'image/large',
            'error',
            `"${path}" is ${size.width}x${size.height}: take a smaller picture.`,
            image,
            SOURCE,
        );
    }
}

function checkModel(model: ast.Model, files: FileAccess, report: Report): void {
    const vae = { property: 'vae' } as const;
    if (
        model.vae &&
        modelKind(model.vae) === 'file' &&
        checkFile(model, model.vae, ['file', 'folder'], files, report, vae)
    )
        checkHead(model, { path: model.vae, uri: uriIn(model, model.vae), role: 'vae' }, files, report, vae);
    if (modelKind(model.source ?? '') !== 'file' || !checkFile(model, model.source, ['file', 'folder'], files, report))
        return;
    const uri = uriIn(model, model.source);
    const folder = files.kindOf(uri) === 'folder';
    if (folder && files.kindOf(`${uri.replace(/\/$/, '')}/model_index.json`) !== 'file') {
        const message = `"${model.source}" is a folder without model_index.json: name the folder of a diffusers model, or one safetensors file.`;
        report('model/folder', 'error', message, model, SOURCE);
    } else if (!folder && !model.source.endsWith('.safetensors')) {
        const message = `"${model.source}" is no safetensors file: other formats may run code, and are not read.`;
        report('model/format', 'error', message, model, SOURCE);
    } else if (!folder) checkCheckpoint(model, uri, files, report);
}

/** A mask is fitted as its start picture is: it has the shape of that picture, or of the picture being made. */
function tellShape(mask: ast.MaskClause, settings: readonly Effective[], files: FileAccess, report: Report): void {
    const size = sizeOfImage(mask.picture?.ref, files);
    if (!size) return;
    const wanted = sizeInForce(settings, { changes: NO_CHANGES, files });
    const start = sizeOfImage(settingOf(settings, ast.isStartClause)?.pictures[0]?.picture.ref, files);
    const shape = ({ width, height }: Size) => width / height;
    if ([wanted, ...(start ? [start] : [])].some((one) => Math.abs(shape(size) - shape(one)) <= 0.02)) return;
    const other = start
        ? `the picture that it belongs to ${start.width}x${start.height}`
        : `the picture ${wanted.width}x${wanted.height}`;
    const message = `The mask is ${size.width}x${size.height}, but ${other}: it would not be where it was drawn. Give it the same shape.`;
    report('mask/shape', 'warning', message, mask, { property: 'picture' });
}

function sizeOfImage(source: ast.PictureSource | undefined, files: FileAccess): Size | undefined {
    const path = ast.isImage(source) ? writtenPath(source) : undefined;
    if (!source || !path || isGlob(path)) return undefined;
    return files.pictureSize(uriIn(source, path));
}

/** What can only be said of a generate with its files at hand. */
function checkGenerate(generate: ast.Generate, files: FileAccess, report: Report): void {
    const settings = effective(generate);
    const mask = settingOf(settings, ast.isMaskClause);
    if (mask?.$container === generate) tellOutside(generate, mask, settings, files, report);
    if (mask?.$container === generate && !mask.only) tellShape(mask, settings, files, report);
    const size = settingOf(settings, ast.isSizeClause);
    const facts = factsOf(usedModel(settings), files);
    if (!size && !facts && settingOf(settings, ast.isUseClause)?.$container === generate) {
        const { width, height } = DEFAULTS.size;
        const message = `The model's own size is not known before it is opened: the picture is made at ${width}x${height}. Write \`size\` to choose.`;
        report('size/default', 'information', message, generate, { property: 'name' });
    }
    if (facts) reportAbsent(generate, facts.unet, report);
    reportForeign(generate, files, report);
    reportWords(generate, files, report);
}

/** Corners of a frame that are not on the picture. */
function tellOutside(
    generate: ast.Generate,
    mask: ast.MaskClause,
    settings: readonly Effective[],
    files: FileAccess,
    report: Report,
): void {
    const room = settingOf(settings, ast.isStartClause)?.pictures[0]?.picture?.ref;
    const path = ast.isImage(room) ? writtenPath(room) : undefined;
    if (!room || !path || isGlob(path)) return;
    const size = files.pictureSize(uriIn(room, path));
    const corner = size && mask.corners.find(({ x, y }) => x > size.width || y > size.height);
    if (!corner) return;
    const message = `The corner ${corner.x},${corner.y} is outside of \`${room.name}\`, which is ${size.width}x${size.height}: write corners within it.`;
    report('mask/corners', 'error', message, mask.$container === generate ? corner : generate);
}

/** Layers that the model does not have: its U-Net has fewer levels than that of Stable Diffusion 1. */
function reportAbsent(generate: ast.Generate, unet: UnetShape, report: Report): void {
    for (const { setting } of unlikeBase(generate)) {
        const entries = layersOf(setting);
        const site = entries.flatMap(({ selectors }) => sitesOf(selectors)).find((s) => !hasSite(unet, s));
        if (!site) continue;
        const levels = unet.channels.length;
        const message = `The model has no \`${site}\`: its U-Net has ${levels} levels, \`down.0\` to \`down.${levels - 1}\`.`;
        report('layer/model', 'error', message, setting.$container === generate ? setting : generate);
    }
}

function layersOf(setting: ast.Setting): readonly ast.LayerWeight[] {
    if (ast.isControlClause(setting) || ast.isApplyClause(setting)) return setting.layers;
    return ast.isInfuseClause(setting) || ast.isScaleClause(setting) ? layerWeights(setting) : [];
}
