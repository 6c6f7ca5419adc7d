/** Inlay hints: what the text does not say but means, each sort with a setting of its own. */
import { type AstNode, AstUtils, type LangiumDocument } from 'langium';
import type { InlayHintProvider } from 'langium/lsp';
import { type InlayHint, InlayHintKind, type InlayHintParams, type Position } from 'vscode-languageserver';
import { count } from '../../plan/amounts.ts';
import { passesOf, picturesOf, picturesText } from '../../plan/passes/work.ts';
import * as ast from '../generated/ast.ts';
import { filled } from '../lower/words.ts';
import { baseReference, effective } from '../meaning/inherit.ts';
import { sitesOf } from '../meaning/layers.ts';
import { sizeOfSubject } from '../meaning/picture-size.ts';
import { slotOf } from '../meaning/slots.ts';
import { isWhole } from '../meaning/whole.ts';
import { resolvedValue } from './hover/resolved.ts';
import { isReadable, tokensForModel } from './hover/words.ts';
import { escapeMarkdown } from './markdown.ts';
import type { EditorLanguageServices } from './services.ts';

/** The settings, all on by default: `sdspec.inlayHints.tokens` and so on. */
const HINT_SORTS = ['tokens', 'inherited', 'layers', 'pictures', 'work'] as const;
export type HintSort = (typeof HINT_SORTS)[number];
export type HintSettings = Readonly<Partial<Record<HintSort, boolean>>>;

export class SdspecHints implements InlayHintProvider {
    readonly #services: EditorLanguageServices;

    constructor(services: EditorLanguageServices) {
        this.#services = services;
    }

    async getInlayHints(document: LangiumDocument, { range }: InlayHintParams): Promise<InlayHint[]> {
        const settings = await this.#settings();
        const hints: InlayHint[] = [];
        for (const node of AstUtils.streamAst(document.parseResult.value, { range })) {
            for (const { sort, ...hint } of this.#hintsOf(node)) {
                if (settings[sort] !== false) hints.push({ ...hint, kind: InlayHintKind.Type });
            }
        }
        return hints;
    }

    async #settings(): Promise<HintSettings> {
        const found: unknown = await this.#services.shared.workspace.ConfigurationProvider.getConfiguration(
            'sdspec',
            'inlayHints',
        );
        return typeof found === 'object' && found !== null ? (found as HintSettings) : {};
    }

    *#hintsOf(node: AstNode): Generator<Hint> {
        if (!isWhole(node)) return;
        if (ast.isText(node)) yield* this.#tokens(node);
        if (namesLayers(node)) {
            yield* layers(node);
        }
        if (ast.isRunnable(node)) yield* this.#work(node);
        if (ast.isGenerate(node)) yield* this.#inherited(node);
    }

    /** How many tokens a phrase has, where the model's tokenizer is at hand. */
    *#tokens(text: ast.Text): Generator<Hint> {
        const at = text.$cstNode?.range.end;
        if (!at || !isReadable(text) || !(ast.isPhrase(text.$container) || ast.isMember(text.$container))) return;
        const tokens = tokensForModel(text, filled(text, this.#services.editor.Plans.contextOf(text)), this.#services);
        if (!tokens || tokens.tokens.length === 0) return;
        const many = tokens.tokens.length > tokens.limit ? ` of ${tokens.limit}` : '';
        yield hint('tokens', at, `${tokens.tokens.length}${many} tokens`, 'Tokens that the text encoder reads');
    }

    /** Behind the name of a runnable: pictures and passes. */
    *#work(runnable: ast.Runnable): Generator<Hint> {
        const at = headEnd(runnable);
        const work = at && this.#services.editor.Plans.workOf(runnable);
        if (!at || !work) return;
        const pictures = picturesOf(work);
        if (pictures > 1) yield hint('pictures', at, picturesText(work), 'Pictures that this makes');
        const passes = passesOf(work, sizeOfSubject(runnable, this.#services.editor.Files)) ?? 0;
        if (passes > 0)
            yield hint('work', at, count(passes, 'pass', 'passes'), 'Rows that go through the U-Net, over all steps');
    }

    /** Behind the base: the settings that come from it. */
    *#inherited(generate: ast.Generate): Generator<Hint> {
        const name = generate.bases.at(-1)?.$refNode?.range.end;
        if (!name) return;
        const plan = this.#services.editor.Plans.pictureOf(generate);
        if (!plan) return;
        const inherited = effective(generate).filter(({ from }) => from !== generate);
        const kinds = [...new Map(inherited.map((one) => [slotOf(one.setting), one])).values()];
        if (kinds.length === 0) return;
        const lines = kinds.map(({ setting, from }) => {
            const value = resolvedValue(setting.$type, plan);
            return `- ${wordOf(setting)}${value ? ` ${escapeMarkdown(value)}` : ''} — from \`${from.name}\``;
        });
        const words = kinds.map(({ setting }) => wordOf(setting));
        const label = words.length > 5 ? `${words.slice(0, 5).join(', ')} …` : words.join(', ');
        yield {
            ...hint('inherited', name, `inherits ${label}`, ''),
            tooltip: { kind: 'markdown', value: ['Inherited:', ...lines].join('\n') },
        };
    }
}

type Hint = Omit<InlayHint, 'kind'> & { readonly sort: HintSort };

function hint(sort: HintSort, position: Position, label: string, tooltip: string): Hint {
    return { sort, position, label, paddingLeft: true, ...(tooltip && { tooltip }) };
}

type NamesLayers = ast.LayerWeight | ast.LayerSet | ast.ScanAxis | ast.ScaleAxis | ast.ScaleWeightAxis | ast.InfuseAxis;

function namesLayers(node: AstNode): node is NamesLayers {
    return (
        ast.isLayerWeight(node) ||
        ast.isLayerSet(node) ||
        ast.isScanAxis(node) ||
        ast.isScaleAxis(node) ||
        ast.isScaleWeightAxis(node) ||
        ast.isInfuseAxis(node)
    );
}

/** What globs, ranges and sets of layers stand for. */
function* layers(node: NamesLayers): Generator<Hint> {
    for (const selector of node.selectors) {
        const at = selector.$cstNode?.range.end;
        const sites = [...new Set(sitesOf([selector]))];
        if (!at || sites.length < 2) continue;
        const shown = sites.length <= 4 ? `= ${sites.join(' ')}` : `= ${sites.length} layers`;
        const tooltip = sites.join(', ');
        yield hint('layers', at, shown, tooltip);
    }
}

/** The end of a declaration's first line of words, before its block. */
function headEnd(runnable: ast.Runnable): Position | undefined {
    const reference = ast.isGenerate(runnable)
        ? baseReference(runnable)
        : ast.isSweep(runnable)
          ? runnable.subject
          : undefined;
    const brace = runnable.$cstNode?.text.indexOf('{') ?? -1;
    if (!runnable.$cstNode || brace < 0) return reference?.$refNode?.range.end;
    const document = AstUtils.getDocument(runnable).textDocument;
    const head = runnable.$cstNode.text.slice(0, brace).trimEnd();
    return document.positionAt(runnable.$cstNode.offset + head.length);
}

/** The word that a clause begins with. */
function wordOf(setting: ast.Setting): string {
    return /^[a-z]+/.exec(setting.$cstNode?.text ?? '')?.[0] ?? '';
}
