/** Hover of a declaration: its first line, its doc comment, and what it resolves to. */
import { AstUtils, GrammarUtils, UriUtils } from 'langium';
import { count } from '../../../plan/amounts.ts';
import { companionOf } from '../../../plan/companions.ts';
import { SAMPLERS, type SamplerName } from '../../../plan/samplers.ts';
import { orderOf } from '../../../plan/steps.ts';
import { LATENT_FACTOR } from '../../../plan/topology.ts';
import * as ast from '../../generated/ast.ts';
import { folderOfSpec, isGlob } from '../../linking/paths.ts';
import { curveOf } from '../../lower/curve.ts';
import { curvesOf } from '../../lower/weights.ts';
import { inNetworkOrder, sitesOf } from '../../meaning/layers.ts';
import { imageBehind } from '../../meaning/made-pictures.ts';
import { factsOf, modelKind } from '../../meaning/models.ts';
import { writtenPath } from '../../meaning/param-values.ts';
import { sizeOfSubject } from '../../meaning/picture-size.ts';
import { isWhole } from '../../meaning/whole.ts';
import { curveWords, drawCurve } from '../../write/curve-text.ts';
import { codeBlock, escapeMarkdown, linkTarget, safeMarkdown } from '../markdown.ts';
import type { EditorLanguageServices } from '../services.ts';
import { thumbnail } from '../thumbnail.ts';
import { learnTable } from './learn.ts';
import { settingsTable, workLine } from './resolved.ts';

/** Steps that a curve is drawn over where no generate says how many. */
const STEPS = 25;

/** Markdown for any declaration but layers, which need to know where they are used. */
export function declarationMarkdown(node: ast.Declaration | ast.Member, services: EditorLanguageServices): string {
    const doc = services.documentation.DocumentationProvider.getDocumentation(node);
    const details = isWhole(node) ? detailsOf(node, services) : [];
    const parts = [codeBlock(headOf(node)), safeMarkdown(doc ?? ''), ...details];
    return parts.filter((part) => part !== '').join('\n\n');
}

/** The declaration's first line, without a block. */
function headOf(node: ast.Declaration | ast.Member): string {
    const brace = GrammarUtils.findNodeForKeyword(node.$cstNode, '{');
    const text = node.$cstNode?.text ?? '';
    const block = brace ? text.slice(0, brace.offset - node.$cstNode!.offset) : text;
    const head = block.replace(/\s+/g, ' ').trim();
    if (ast.isMember(node)) return `member ${head}`;
    return head.length > 100 ? `${head.slice(0, 99)}…` : head;
}

function detailsOf(node: ast.Declaration | ast.Member, services: EditorLanguageServices): readonly string[] {
    const { Plans, Files } = services.editor;
    switch (node.$type) {
        case 'Generate': {
            const plan = Plans.pictureOf(node);
            return plan ? [settingsTable(node, plan), workLine(plan)] : [];
        }
        case 'Sweep':
        case 'Mosaic':
        case 'Print':
            return [sweepAxes(node, services), workLine(Plans.workOf(node), sizeOfSubject(node, Files))];
        case 'Learn': {
            const work = Plans.workOf(node);
            return work?.kind === 'learn' ? [learnTable(work), workLine(work)] : [];
        }
        case 'Image':
            return imageDetails(node, services);
        case 'Model':
            return modelDetails(node, services);
        case 'Ensemble':
            return [membersTable(node, services)];
        case 'Member':
            return node.weight ? [curveLine(node.weight, services)] : [];
        case 'WeightSet':
            return [weightsTable(node, services)];
        case 'LayerSet':
            return [[...new Set(sitesOf(node.selectors))].map((site) => `\`${site}\``).join(' ')];
        case 'Sampler':
            return samplerDetails(node.name as SamplerName);
        case 'Lora':
        case 'Embedding':
        case 'ControlNet':
        case 'Upscaler': {
            const companion = companionOf(writtenPath(node) ?? '');
            if (companion) return [companion.about, `Comes with sdspec, for \`builtin:${companion.model}\` alone.`];
            const uri = Files.resolve(AstUtils.getDocument(node).uri, writtenPath(node) ?? '');
            return uri && !Files.kindOf(uri.toString()) ? ['There is no such file.'] : [];
        }
        default:
            return [];
    }
}

function sweepAxes(node: ast.Runnable, services: EditorLanguageServices): string {
    const work = ast.isSweep(node) ? services.editor.Plans.workOf(node) : undefined;
    if (work?.kind !== 'sweep') return '';
    return work.axes
        .map(
            ({ name, values }) =>
                `- ${escapeMarkdown(name)}: ${values.slice(0, 12).map(escapeMarkdown).join(', ')}${values.length > 12 ? ' …' : ''}`,
        )
        .join('\n');
}

function imageDetails(image: ast.Image, { editor }: EditorLanguageServices): readonly string[] {
    const { edges, source = '' } = image;
    if (edges)
        return originOf(image) === image ? [] : imageDetails(originOf(image), { editor } as EditorLanguageServices);
    const here = AstUtils.getDocument(image).uri;
    if (!isGlob(source)) {
        const uri = editor.Files.resolve(here, source);
        if (!uri) return [];
        return [editor.Files.kindOf(uri.toString()) ? thumbnail(editor.Files, uri) : 'There is no such file.'];
    }
    const folder = folderOfSpec(here);
    const found = editor.Files.glob(folder.toString(), source);
    if (!found) return ['It would look through a large part of the disk.'];
    const shown = found.slice(0, 3).map((path) => thumbnail(editor.Files, UriUtils.resolvePath(folder, path)));
    return [`${count(found.length, 'picture')}${found.length > 3 ? ', the first three:' : ''}`, ...shown];
}

/** The picture that edges are taken of, in the end; the image itself where it goes round in a circle. */
function originOf(image: ast.Image): ast.Image {
    const seen = new Set<ast.Image>();
    let at = image;
    while (!seen.has(at)) {
        seen.add(at);
        at = imageBehind(at) ?? at;
    }
    return at.edges ? image : at;
}

function modelDetails(model: ast.Model, { editor }: EditorLanguageServices): readonly string[] {
    const facts = factsOf(model, editor.Files);
    const source = model.source ?? '';
    if (modelKind(source) === 'hub' && !facts) {
        const path = source.slice(3);
        return [`[huggingface.co/${escapeMarkdown(path)}](https://huggingface.co/${linkTarget(encodeURI(path))})`];
    }
    if (!facts) return ['Its configuration cannot be read here.'];
    const { size, unet } = facts;
    const inputs = unet.inputs === 9 ? ' An inpainting model.' : '';
    return [
        `Made for ${size.width}x${size.height} pixels, sizes in steps of ${LATENT_FACTOR}. U-Net channels ${unet.channels.join(', ')}; text width ${unet.context}.${inputs}`,
    ];
}

function membersTable(ensemble: ast.Ensemble, services: EditorLanguageServices): string {
    const rows = ensemble.members.map((member, index) => {
        const name = member.name ?? member.prompt?.$refText ?? `${index + 1}`;
        return `| ${name} | ${member.weight ? curveLine(member.weight, services) : '1'} |`;
    });
    const space = ensemble.space ?? 'predictions';
    return [`The mean of ${space}.`, '', '| member | share |', '|---|---|', ...rows].join('\n');
}

function weightsTable(set: ast.WeightSet, services: EditorLanguageServices): string {
    const curves = inNetworkOrder(curvesOf(set.entries, services.editor.Plans.contextOf(set)));
    const rows = curves.map(([site, curve]) => {
        const drawn = curve.keys.length > 1 ? ` \`${drawCurve({ curve, steps: STEPS })}\`` : '';
        return `| \`${site}\` | ${curveWords(curve)}${drawn} |`;
    });
    return ['| layer | weight |', '|---|---|', ...rows].join('\n');
}

/** A curve as figures and, where it changes, as a drawing. */
export function curveLine(curve: ast.Curve, services: EditorLanguageServices, steps = STEPS): string {
    if (!isWhole(curve)) return '';
    const value = curveOf(curve, services.editor.Plans.contextOf(curve));
    const drawn = value.keys.length > 1 ? ` \`${drawCurve({ curve: value, steps })}\`` : '';
    return `${curveWords(value)}${drawn}`;
}

function samplerDetails(name: SamplerName): readonly string[] {
    const facts = SAMPLERS[name];
    if (!facts) return [];
    const noise = {
        never: 'No fresh noise.',
        always: 'Fresh noise at every step.',
        'with eta': 'Fresh noise with `eta` above 0.',
    };
    const calls = orderOf(name) === 2 ? ' Two model calls per step.' : '';
    const schedules = facts.schedules.map((schedule) => `\`${schedule}\``).join(', ');
    return [`${noise[facts.noise]}${calls} Noise schedules: ${schedules}.`];
}
