/** Hovers, completions and hints of a spec from a clone: they load no picture of another host and carry no command. */
import { createRequire } from 'node:module';
import type { CompletionItem, MarkupContent } from 'vscode-languageserver';
import { random } from '../../language/fuzz/edits.ts';
import { Editor, marked } from '../../language/lsp/editor.ts';
import { activeCharacter, pick, portion, type Scale, Tally } from '../kit.ts';

/** What is used of markdown-it, which comes without types. */
interface Token {
    readonly type: string;
    readonly content: string;
    readonly children: readonly Token[] | null;
    attrGet(name: string): string | null;
}
interface Markdown {
    validateLink: (address: string) => boolean;
    parse(text: string, environment: object): readonly Token[];
}
const MarkdownIt = createRequire(import.meta.url)('markdown-it') as new (options: object) => Markdown;

/** As the editor reads Markdown: with HTML, and with addresses as links; which links are harmless is judged here. */
const markdown = new MarkdownIt({ html: true, linkify: true });
markdown.validateLink = () => true;

const PARTS = [
    '\n~~~\n',
    '\n```\n',
    '![x](https://example.org/a.png)',
    '![x][r]',
    '\n\n[r]: https://example.org/a.png\n\n',
    '[x](command:a.b)',
    '[x](<command:a>)',
    '<command:a>',
    '<img src=https://example.org/a.png>',
    '<a href="command:a">',
    '`',
    '```',
    '``',
    '\\',
    ']',
    '(',
    ')',
    '|',
    '\n',
    '\n\n',
    '\n    ',
    '\n> ',
    '\n- ',
    '\n# ',
    '$(alert)',
    '&#33;[x](https://example.org/a.png)',
    '&lt;img src=x&gt;',
    '*',
    '_',
    '~~',
    '![',
    '](',
    'javascript:alert(1)',
    '[x](javascript:a)',
    '[x](vscode://a)',
    '[x](file://host/share)',
    '[![x](https://example.org/a.png)](command:a)',
    '<!-- ',
    ' -->',
    '[x](data:text/html,a)',
    '\\![x](https://example.org/a.png)',
    '[x]( command:a )',
    '[x](COMMAND:a)',
    '[x](com\tmand:a)',
    '\u202e',
    '\u001b[31m',
];

/** Where text of strangers is, with the place of the pointer. */
const PLACES: readonly ((hostile: string) => string)[] = [
    (hostile) => `param p| = "${inString(hostile)}"`,
    (hostile) => `/** ${inComment(hostile)} */\ngenerate a| { prompt "x" }`,
    (hostile) => `/** ${inComment(hostile)} */\ngenerate a { prompt "x" }\ngenerate b extends a|`,
    (hostile) => `/** ${inComment(hostile)} */\nimage i = "./a.png"\ngenerate b { prompt "x" infuse i| }`,
    (hostile) => `generate a { prompt "${inString(hostile)}" }\ngenerate b extends a|`,
    (hostile) => `prompt p| { "${inString(hostile)}" }`,
    (hostile) => `ensemble e| { "${inString(hostile)}" "b" }`,
    (hostile) => `param p = "${inString(hostile)}"\ngenerate a { prompt "{p|}" }`,
    (hostile) => `generate a { prompt "x" }\nsweep s| over a { prompt in ["${inString(hostile)}", "y"] }`,
    (hostile) => `model m| = "hf:a/${inString(hostile)}"`,
    (hostile) => `model m| = "./${inString(hostile)}.safetensors"`,
    (hostile) => `lora l| = "./${inString(hostile)}.safetensors"`,
    (hostile) => `image i| = "./${inString(hostile)}.png"`,
    (hostile) => `image i = "./${inString(hostile)}|.png"`,
    (hostile) => `embedding e| = "./${inString(hostile)}.safetensors"`,
    (hostile) => `import { a| } from "./${inString(hostile)}.sdspec"`,
    (hostile) => `/** ${inComment(hostile)} */\nlayers l| = mid`,
    (hostile) => `/** ${inComment(hostile)} */\nweights w| { mid 0.3 }`,
    (hostile) =>
        `/** ${inComment(hostile)} */\nlearn l| { word like "${inString(hostile)}" from a "${inString(hostile)}" }`,
    (hostile) => `generate a { prompt "${inString(hostile)}|" }`,
];

export async function hovers(scale: Scale): Promise<Tally> {
    const tally = new Tally('hovers and completions');
    const next = random(scale.seed);
    const editor = await Editor.start();
    const count = Math.max(portion(2000, scale), 2 * PLACES.length);
    let shown = 0;
    for (let i = 0; i < count; i++) {
        const hostile = Array.from({ length: 1 + Math.floor(next() * 5) }, () => pick(PARTS, next)).join(
            next() < 0.5 ? '' : ' ',
        );
        const text = PLACES[i % PLACES.length]!(hostile);
        await tally.try(text, async () => {
            const hover = await editor.hover(text);
            if (hover) shown += 1;
            const documents = [hover, ...(i % 10 === 0 ? await completions(editor, text) : [])];
            return documents.map((one) => one && activeMarkdown(one)).find(Boolean);
        });
    }
    await tally.try('hovers are shown', () => (shown >= count / 2 ? undefined : `${shown} of ${count} have a hover`));
    return tally;
}

async function completions(editor: Editor, text: string): Promise<readonly string[]> {
    const items: readonly CompletionItem[] = await editor.completions(
        `${marked(text).text}\ngenerate z { prompt "x" infuse | }`,
    );
    return items.flatMap(({ documentation }) =>
        typeof documentation === 'object' ? (documentation as MarkupContent).value : [],
    );
}

const inString = (text: string) =>
    text
        .replace(/[\\"{<|]/g, '\\$&')
        .replace(/\|/g, '\u00a6')
        .replace(/[\r\n]/g, '\\n');
const inComment = (text: string) => text.replaceAll('*/', '* /').replaceAll('|', '\u00a6');

/** A picture, a link that is not to the web or a local file, HTML, or a character that turns a line around. */
function activeMarkdown(text: string): string | undefined {
    const shown = text.slice(0, 1500);
    for (const token of markdown.parse(text, {}).flatMap((one) => [one, ...(one.children ?? [])])) {
        // Thumbnails of local pictures are the editor's own.
        if (token.type === 'image' && !/^(data:image\/|file:\/\/\/)/.test(token.attrGet('src') ?? ''))
            return `a picture, ${token.attrGet('src')}, in:\n${shown}`;
        if (token.type === 'link_open' && !/^(https?:\/\/|file:\/\/\/|#)/i.test(token.attrGet('href') ?? ''))
            return `a link to ${token.attrGet('href')} in:\n${shown}`;
        if (token.type.startsWith('html')) return `HTML, ${token.content}, in:\n${shown}`;
    }
    return activeCharacter(text);
}
