/** Strings and doc comments of a clone are shown, and do nothing: no pictures of other hosts, no commands, no broken blocks. */
import { expect, it } from 'vitest';
import { codeBlock, codeSpan, escapeMarkdown, linkTarget, safeMarkdown } from '../../../src/language/lsp/markdown.ts';
import { Editor } from './editor.ts';

const editor = await Editor.start();

/** What would load a picture or run a command when it is rendered. */
const ACTIVE = /(^|[^\\])!\[|(^|[^\\])\]\(\s*<?\s*(?!https?:|file:\/\/\/)[a-z]+:|(^|[^\\])<[a-z]/im;

it.each([
    ['a picture', '![x](https://example.org/a.png)'],
    ['a command link', '[x](command:workbench.action.terminal.new)'],
    ['a command in angle brackets', '[x](<command:a>)'],
    ['a reference', '[x][a]\n\n[a]: command:a'],
    ['a picture by reference', '![x][a]\n\n[a]: https://example.org/a.png'],
    ['an automatic link', '<command:a>'],
    ['HTML', '<img src="https://example.org/a.png">'],
    ['a share', '[x](file://host/share)'],
    ['a fence within a line', 'a ``` ![x](https://example.org/a.png)'],
    ['backticks that close nothing', '`a` `![x](https://example.org/a.png)``'],
    ['backticks in two blocks', '` ![x](https://example.org/a.png)\n- b `'],
    ['a fence that a list ends', '- a\n  ```\n![x](https://example.org/a.png)\n  ```'],
    ['a table in a code span', 'a | b\n---|---\n`a | ![x](https://example.org/a.png)`'],
    ['a nested picture', '[![x](https://example.org/a.png)](command:a)'],
])('a doc comment with %s is only text', (_, doc) => {
    expect(safeMarkdown(doc)).not.toMatch(ACTIVE);
    expect(safeMarkdown(doc)).not.toMatch(/^\[[^\]]*\]:/m);
});

it('a doc comment keeps emphasis, lists, code and links to web pages', () => {
    const doc = 'One *two*, `![x](y)`.\n\n- [paper](https://arxiv.org/abs/2006.11239)';
    expect(safeMarkdown(doc)).toBe(doc);
});

it('text keeps its characters', () => {
    expect(escapeMarkdown('a *b* [c](d) `e` <f>\n|g')).toBe('a \\*b\\* \\[c\\](d) \\`e\\` \\<f\\> \\|g');
    expect(codeSpan('a`b')).toBe('`` a`b ``');
    expect(codeBlock('a ``` b')).toBe('````sdspec\na ``` b\n````');
    expect(linkTarget('file:///a (1)|b.png')).toBe('file:///a%20%281%29%7cb.png');
});

const HOSTILE = '![x](https://example.org/a.png) [y](command:a) <img> ```';

it.each([
    ['a param', `param p| = "${HOSTILE}"`],
    ['a doc comment', `/** ${HOSTILE} */\ngenerate a { prompt "x" }\ngenerate b extends a|`],
    ['a generate', `generate a { prompt "${HOSTILE}" }\ngenerate b extends a|`],
    ['an axis', `generate a { prompt "x" }\nsweep s| over a { prompt in "${HOSTILE}", "y" }`],
    ['a hub model', `model m| = "hf:a/b)![x](https://example.org/a.png)"`],
    ['a path', `image i| = "./![x](https://example.org/a.png).png"`],
])('a hover of %s does nothing', async (_, text) => {
    const hover = await editor.hover(text);
    // Code is shown as it is.
    expect(hover?.replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')).not.toMatch(ACTIVE);
    expect(hover).toBeDefined();
});
