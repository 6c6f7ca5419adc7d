/** Templates: whole beginnings, offered where a declaration fits, with the names that the spec has. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are marks of the snippet notation.
import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver';
import * as ast from '../../generated/ast.ts';

interface Template {
    readonly title: string;
    /** What is typed to find it. */
    readonly prefix: string;
    body(names: Names): string;
}

/** Names that a template can refer to, with what declares one where the spec has none. */
interface Names {
    readonly model: string;
    /** Declares the model above, where the spec declares none. */
    readonly withModel: string;
    readonly generate: string;
    readonly image: string;
}

/** Every picture of them is one that the built-in model can draw. */
const TEMPLATES: readonly Template[] = [
    {
        title: 'first picture',
        prefix: 'generate',
        body: ({ model, withModel }) =>
            `${withModel}generate \${1:first} {\n    use    ${model}\n    prompt "\${2:a red house in a meadow}"\n    size   128x128\n    seed   \${3:42}$0\n}`,
    },
    {
        title: 'variation',
        prefix: 'generate extends',
        body: ({ generate }) => `generate \${1:variation} extends ${generate} {\n    \${0:seed 43}\n}`,
    },
    {
        title: 'hub model',
        prefix: 'model hf',
        body: () => 'model ${1:sd15} = "hf:${2:stable-diffusion-v1-5/stable-diffusion-v1-5}" revision "${3:451f4fe}"$0',
    },
    {
        title: 'edges of a picture',
        prefix: 'image edges',
        body: ({ image }) => `image \${1:outline} = edges of ${image} low \${2:100} high \${3:200}$0`,
    },
    {
        title: 'prompt in phrases',
        prefix: 'prompt block',
        body: () => 'prompt ${1:scene} {\n    "${2:a turtle}"\n    "${3:on a beach}" weight ${4:1.2}\n}$0',
    },
    {
        title: 'table of pictures',
        prefix: 'sweep table',
        body: ({ generate }) =>
            `sweep \${1:table} over ${generate} {\n    seed     in \${2:1..4}\n    guidance in [\${3:2, 5, 7.5}]\n    columns  guidance\n}$0`,
    },
    {
        title: 'layer scan',
        prefix: 'sweep layers',
        body: ({ generate, image }) =>
            `sweep \${1:scan} over ${generate} {\n    infuse ${image} at each down.*, mid, up.* weight \${2:0.3}\n}$0`,
    },
    {
        title: 'learned LoRA',
        prefix: 'learn lora',
        body: ({ image }) =>
            `learn \${1:style} {\n    lora  rank \${2:8}\n    from  ${image} "\${3:drawing of a house}"\n    steps \${4:400}\n}$0`,
    },
];

/** The templates for a spec; the list sorts them after the plain words. */
export function templatesFor({ declarations }: ast.Spec): readonly CompletionItem[] {
    const first = (is: (node: unknown) => boolean, otherwise: string) => {
        const found = declarations.find((one) => is(one) && 'name' in one && one.name);
        return found && 'name' in found ? found.name : otherwise;
    };
    const hasModel = declarations.some(ast.isModel);
    const names: Names = {
        model: first(ast.isModel, 'sketch'),
        withModel: hasModel ? '' : 'model sketch = "builtin:sketch"\n\n',
        generate: first(ast.isGenerate, '${4:first}'),
        image: first(ast.isImage, '${5:portrait}'),
    };
    return TEMPLATES.map(({ title, prefix, body }) => ({
        label: title,
        filterText: prefix,
        kind: CompletionItemKind.Snippet,
        insertText: body(names),
        insertTextFormat: InsertTextFormat.Snippet,
        sortText: `2${prefix}`,
        detail: prefix,
    }));
}
