/** Fuzzing: random edits to specs, with the editor's services asked in between. */
import { readdirSync, readFileSync } from 'node:fs';
import { type LangiumDocument, TextDocument, URI } from 'langium';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import { selectionRanges } from '../../../src/language/lsp/navigation/selection.ts';
import { runnablesOf } from '../../../src/language/lsp/runnables/runnables.ts';
import { cpuTime } from '../../cpu-time.ts';
import { Editor } from '../lsp/editor.ts';
import { edited, random } from './edits.ts';

/** No keystroke may take longer than this, in milliseconds. */
const SLOWEST = 1000;
/** Looks at the problems before all edits are undone; from one look to the next there are more and more edits. */
const BUILDS_A_ROUND = 8;
const EDITS_MORE = 3;
/** Different failures that are collected before a run gives up. */
const MOST_FAILURES = 8;

export interface FuzzResult {
    readonly edits: number;
    readonly builds: number;
    readonly rounds: number;
    /** What went wrong, with the text that made it so. */
    readonly failures: readonly { readonly what: string; readonly text: string }[];
    readonly slowest: number;
}

const EXAMPLES = new URL('../../../examples/', import.meta.url);

/** The examples, and a text with everything in it for when there are few. */
export function seeds(): readonly string[] {
    const names = readdirSync(EXAMPLES).filter((name) => /.\.sdspec$/.test(name));
    return [...names.map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8')), EVERYTHING];
}

/** Edits until `edits` are made or `until` (a time in milliseconds) has come. */
export async function fuzz(seed: number, edits: number, until = Number.POSITIVE_INFINITY): Promise<FuzzResult> {
    const next = random(seed);
    const texts = seeds();
    const editor = await Editor.start();
    // By their first lines, so that one mistake is reported once.
    const failures = new Map<string, { readonly what: string; readonly text: string }>();
    const fail = (what: string, text: string) => failures.set(what.split('\n').slice(0, 2).join(), { what, text });
    let [made, builds, rounds, slowest] = [0, 0, 0, 0];
    while (made < edits && performance.now() < until && failures.size < MOST_FAILURES) {
        const original = texts[rounds % texts.length]!;
        const buffer = new Buffer(editor, rounds % texts.length);
        const before = await buffer.problems(original);
        let text = original;
        for (let build = 0; build < BUILDS_A_ROUND && made < edits; build++) {
            const count = 1 + build * EDITS_MORE;
            for (let i = 0; i < count; i++) text = edited(text, next, texts);
            made += count;
            builds += 1;
            const begin = cpuTime();
            try {
                await buffer.problems(text);
                await askServices(editor, buffer.document, next);
            } catch (error) {
                fail(`exception: ${error instanceof Error ? error.stack : error}`, text);
            }
            const took = cpuTime() - begin;
            slowest = Math.max(slowest, took);
            if (took > SLOWEST) fail(`it took ${took.toFixed(0)} ms`, text);
        }
        const after = await buffer.problems(original);
        if (after !== before) fail(`other problems after undoing:\n${before}\n${after}`, text);
        rounds += 1;
    }
    return { edits: made, builds, rounds, failures: [...failures.values()], slowest };
}

/** A text in the editor, as it changes. */
class Buffer {
    readonly #editor: Editor;
    readonly #uri: URI;
    #version = 0;

    constructor(editor: Editor, index: number) {
        this.#editor = editor;
        this.#uri = URI.file(`/fuzz/${index}.sdspec`);
    }

    get document(): LangiumDocument {
        return this.#editor.services.shared.workspace.LangiumDocuments.getDocument(this.#uri)!;
    }

    /** Gives the buffer a text; returns its problems as one string. */
    async problems(text: string): Promise<string> {
        const { TextDocuments, DocumentBuilder } = this.#editor.services.shared.workspace;
        TextDocuments.set(TextDocument.create(this.#uri.toString(), 'sdspec', this.#version++, text));
        await DocumentBuilder.update([this.#uri], []);
        const problems = (this.document.diagnostics ?? []).map(({ code, message, range }) =>
            JSON.stringify([code, message, range]),
        );
        return problems.toSorted().join('\n');
    }
}

/** Each service now and then, at a place chosen at random; the formatter is held to its promises. */
async function askServices(editor: Editor, document: LangiumDocument, next: () => number): Promise<void> {
    const { lsp } = editor;
    const text = document.textDocument.getText();
    const position = document.textDocument.positionAt(Math.floor(next() * text.length));
    const params = { textDocument: { uri: document.uri.toString() }, position };
    const range = { start: { line: 0, character: 0 }, end: position };
    switch (Math.floor(next() * 12)) {
        case 0:
            return void (await lsp.CompletionProvider!.getCompletion(document, params));
        case 1:
            return void (await lsp.HoverProvider!.getHoverContent(document, params));
        case 2:
            return checkFormat(editor, document);
        case 3:
            return void (await lsp.InlayHintProvider!.getInlayHints(document, { ...params, range }));
        case 4:
            await lsp.SemanticTokenProvider!.semanticHighlight(document, params);
            return void (await lsp.FoldingRangeProvider!.getFoldingRanges(document, params));
        case 5:
            return void (await lsp.CodeActionProvider!.getCodeActions(document, {
                ...params,
                range,
                context: { diagnostics: [] },
            }));
        case 6:
            await lsp.DocumentSymbolProvider!.getSymbols(document, params);
            return void (await lsp.DocumentLinkProvider!.getDocumentLinks(document, params));
        case 7:
            return void runnablesOf(document, editor.services.sdspec);
        case 8:
            await lsp.SignatureHelp!.provideSignatureHelp(document, params);
            return void selectionRanges(document, [position]);
        case 9:
            await lsp.DefinitionProvider!.getDefinition(document, params);
            return void (await lsp.ReferencesProvider!.findReferences(document, {
                ...params,
                context: { includeDeclaration: true },
            }));
        default:
            return;
    }
}

/** Formatting changes white space alone, and adds the version; where there are no errors of syntax, doing it twice changes nothing more. */
async function checkFormat(editor: Editor, document: LangiumDocument): Promise<void> {
    const before = document.textDocument.getText();
    const after = formatted(document);
    const bare = (text: string) => text.replace(/\s+/g, '');
    const allowed = [bare(before), `sdspec1${bare(before)}`];
    if (!allowed.includes(bare(after))) throw new Error(`The formatter changed more than white space:\n${after}`);
    const { lexerErrors, parserErrors } = document.parseResult;
    if (lexerErrors.length + parserErrors.length > 0) return;
    const factory = editor.services.shared.workspace.LangiumDocumentFactory;
    const again = factory.fromString(after, URI.file('/fuzz/formatted.sdspec'));
    if (again.parseResult.parserErrors.length > 0) throw new Error(`The formatted text does not parse:\n${after}`);
    if (formatted(again) !== after) throw new Error(`Formatting twice differs:\n${after}\n---\n${formatted(again)}`);
}

const EVERYTHING = `import { far } from "./far.sdspec"

model      sketch = "builtin:sketch"
image      portrait = "./portrait.png"
image      outline = edges of portrait low 100 high 200
lora       ink = "./ink.safetensors"
embedding  moon = "./moon.safetensors"
controlnet canny = "./canny"
param      style = "oil" // comment
prompt     words { "a {style} <moon> tower" weight 1.2 "fog" }
layers     shapes = IN04..IN08, mid, @shapes

/** Doc. */
ensemble weather over latents {
    calm  "a calm sea" weight 1 -> 0
    storm "a storm"    weight 0 -> 1 cosine
}
weights deep { down.* 0  up.0..up.1 0.3 -> 0.1  @shapes 0.2  skip.* 0@0% -> 1@50% }

generate hybrid {
    use      sketch
    prompt   weather
    negative "blurry" weight 1.2
    size     128x128
    seed     1..4
    sampler  ddim eta 0
    infuse   portrait with deep weight 1 decay 0.99 during 0%..60% { mid 0.1 }
    control  canny by outline weight 0.8
    apply    ink weight 0.6
    trace    every 5 completed
    expect {
        image phash:c3d2e1f0a1b2c3d4 within 4
        time  <= 90s
    }
}
generate aged extends hybrid {
    start   from portrait strength 0.6
    without infuse portrait
    prompt  """
        several lines of {style}
        """
}
sweep study over hybrid together {
    seed     in 1..3
    guidance in [5, 7.5, 10]
    style    in ["a", "b", "c"]
}
sweep scan over hybrid { infuse portrait at each down.*, mid weight 0.5 }
mosaic wall { of hybrid grid 16x16 tiles via aged strength 0.5 }
print poster { of hybrid upscale via aged tile 64px paper 30x40cm at 240dpi }
`;
