/** Weights files: what their heads say, before anything is opened: files of other kinds, and models that lack a part. */
import type { AstNode } from 'langium';
import { AstUtils, GrammarUtils, URI, UriUtils } from 'langium';
import { foreignFamily, type Role } from '../../plan/model-file/families.ts';
import { BUNDLED } from '../../plan/model-file/head.ts';
import * as ast from '../generated/ast.ts';
import type { FileAccess } from '../host/files.ts';
import { writtenPath } from '../meaning/param-values.ts';
import { placeOf, type Report } from '../place.ts';
import { isName } from '../write/ingredients.ts';

/** Rows of CLIP's vocabulary, which comes with sdspec. */
const CLIP_SIZE = 49408;

/** A file that is something else than what it is declared as. Returns whether that was reported. */
export function checkHead(
    node: AstNode,
    { path, uri, role }: { readonly path: string; readonly uri: string; readonly role: Role },
    files: FileAccess,
    report: Report,
    part: { readonly property: string },
): boolean {
    const head = files.kindOf(uri) === 'file' ? files.modelHead?.(uri) : undefined;
    const family = head && foreignFamily(head.tensors, role);
    if (family) report('file/family', 'error', `"${path}" is ${family.what}: ${family.instead}`, node, part);
    return family !== undefined;
}

/** Learned words in a LoRA's file count only where they are declared. */
export function checkBundled(lora: ast.Lora, uri: string, files: FileAccess, report: Report): void {
    const names = [...(files.modelHead?.(uri)?.tensors.keys() ?? [])];
    const words = [...new Set(names.flatMap((name) => BUNDLED.exec(name)?.[1] ?? []))];
    const { declarations } = AstUtils.getContainerOfType(lora, ast.isSpec)!;
    const declared = declarations.filter(ast.isEmbedding).filter((one) => writtenPath(one) === writtenPath(lora));
    const [word] = words;
    if (word === undefined || declared.length >= words.length) return;
    const where = placeOf(lora);
    const quoted = (lora.template?.$cstNode ?? GrammarUtils.findNodeForProperty(lora.$cstNode, 'source'))?.text ?? '';
    const newText = words
        .filter((one) => isName(one) && !declared.some(({ name }) => name === one))
        .map((one) => `\nembedding ${one} = ${quoted}`)
        .join('');
    const message = `"${writtenPath(lora)}" holds learned words as well (${words.map((one) => `"${one}"`).join(', ')}), which count only where they are declared: write \`embedding ${word} = ${quoted}\`, and \`<${word}>\` in the prompt.`;
    const fix = { title: 'Declare its learned words', where: { ...where, start: where.end }, newText };
    report('lora/words', 'information', message, lora, { property: 'source', ...(newText && { fix }) });
}

/** A single file that lacks its VAE, or whose vocabulary is neither CLIP's nor beside it. */
export function checkCheckpoint(model: ast.Model, uri: string, files: FileAccess, report: Report): void {
    const part = { property: 'source' } as const;
    if (checkHead(model, { path: model.source, uri, role: 'model' }, files, report, part)) return;
    const head = files.modelHead?.(uri);
    if (!head) return;
    const names = [...head.tensors.keys()];
    if (!model.vae && !names.some((name) => name.startsWith('first_stage_model.'))) {
        const message = `"${model.source}" holds no VAE: name one behind its path, \`vae "./vae.safetensors"\`, or use a full checkpoint.`;
        report('model/part', 'error', message, model, part);
    }
    const table = names.find((name) => /^cond_stage_model\..*token_embedding\.weight$/.test(name));
    const size = table && head.tensors.get(table)?.shape[0];
    if (size === undefined || size === CLIP_SIZE || hasTokenizer(uri, files)) return;
    const message = `"${model.source}" reads ${size} tokens, which is not CLIP's vocabulary (${CLIP_SIZE}): put the vocab.json and merges.txt that it was trained with into a folder \`tokenizer\` beside it.`;
    report('model/tokenizer', 'warning', message, model, part);
}

function hasTokenizer(uri: string, files: FileAccess): boolean {
    const file = URI.parse(uri);
    const folder = UriUtils.dirname(file);
    const own = UriUtils.basename(file).replace(/\.\w+$/, '');
    return [`${own}.tokenizer`, 'tokenizer'].some((name) =>
        ['vocab.json', 'tokenizer.json'].some(
            (entry) => files.kindOf(UriUtils.joinPath(folder, name, entry).toString()) === 'file',
        ),
    );
}
