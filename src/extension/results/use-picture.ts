/** Pictures of the results put to use in their spec: as a bias picture, a start, a mask, a control, as a generate, as a test. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { originText } from '../../language/write/origins/origin-text.ts';
import { originIn } from '../../runtime/pictures/metadata/read.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import { baseOf } from '../runs/records.ts';
import { type ChosenPicture, runnableOf } from './actions.ts';
import { applyAndShow, generateFor, nameBeside, writeBesideSpec, writeClause } from './write-into-spec.ts';

/** What a picture can be used as. */
export type UseAs = 'bias' | 'start' | 'mask' | 'control';

/** The clause, given the names of the picture and of a control network. */
const CLAUSES: Readonly<Record<UseAs, (image: string, net: string) => string>> = {
    bias: (image) => `infuse ${image}`,
    start: (image) => `start from ${image} strength 0.6`,
    mask: (image) => `mask ${image}`,
    control: (image, net) => `control ${net} by ${image}`,
};

/** Copies the picture beside its spec, declares it, and writes the clause into a generate that the user chooses. */
export async function usePicture(
    chosen: ChosenPicture,
    use: UseAs,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const target = await generateFor(own ?? runnableOf(chosen.run), language);
    if (!target) return;
    const document = await vscode.workspace.openTextDocument(target.uri);
    const names = await language.names(document.getText());
    const taken = new Set(names.map(({ name }) => name));
    const wanted = `${chosen.run.record.name}-${chosen.picture.seed}`;
    const name = nameBeside(wanted, taken);
    const file = await writeBesideSpec(baseOf(chosen.run.folder), name, await readFile(chosen.file));
    const net = names.find(({ declares }) => declares?.startsWith('controlnet '))?.name;
    const isNew = use === 'control' && net === undefined;
    await writeClause(target, language, {
        clause: CLAUSES[use](name, net ?? 'edges'),
        declarations: [`image ${name} = "./${file}"`, ...(isNew ? ['controlnet edges = "builtin:sketch-edges"'] : [])],
    });
}

/** Writes the picture's perceptual hash as what its generate is expected to make. */
export async function takeHash(
    { run, picture }: ChosenPicture,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const target = await generateFor(own ?? runnableOf(run), language);
    if (!target) return;
    await writeClause(target, language, {
        clause: `expect { image phash:${picture.phash} within 4 }`,
        declarations: [],
    });
}

/** Writes a generate that makes this one picture, with all of its settings, at the end of the spec. */
export async function makeGenerate(
    { run, file }: ChosenPicture,
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const id = own ?? runnableOf(run);
    if (!id) return;
    const document = await vscode.workspace.openTextDocument(id.uri);
    const origin = await originIn(await readFile(file));
    if (!origin) {
        vscode.window.showInformationMessage(`${basename(file)} says nothing of how it was made.`);
        return;
    }
    const text = originText(basename(file), origin, await language.names(document.getText()));
    const end = document.lineAt(document.lineCount - 1).range.end;
    const gap = document.getText().endsWith('\n') ? '\n' : '\n\n';
    await applyAndShow(document, [vscode.TextEdit.insert(end, `${gap}${text}`)]);
}

/** Writes a mask that was painted over a picture beside the spec, and its clause; without a start, from that very picture. */
export async function useMask(
    chosen: ChosenPicture,
    { data, feather }: { readonly data: Uint8Array; readonly feather: number },
    own: RunnableId | undefined,
    language: LanguageConnection,
): Promise<void> {
    const target = await generateFor(own ?? runnableOf(chosen.run), language);
    if (!target) return;
    const document = await vscode.workspace.openTextDocument(target.uri);
    const taken = new Set((await language.names(document.getText())).map(({ name }) => name));
    const base = baseOf(chosen.run.folder);
    const wanted = `${chosen.run.record.name}-${chosen.picture.seed}`;
    const mask = nameBeside(`${wanted}-mask`, taken);
    const work = (await language.plan(target)).value?.work;
    const isFromNoise = work?.kind === 'picture' && !work.start;
    const declarations = [`image ${mask} = "./${await writeBesideSpec(base, mask, data)}"`];
    const clauses = [`mask ${mask}${feather > 0 ? ` feather ${feather}px` : ''}`];
    if (isFromNoise) {
        const start = nameBeside(wanted, taken);
        const file = await writeBesideSpec(base, start, await readFile(chosen.file));
        declarations.unshift(`image ${start} = "./${file}"`);
        clauses.unshift(`start from ${start} strength ${REPAINTED}`);
    }
    await writeClause(target, language, { clause: clauses.join('\n    '), declarations });
}

/** Strength of a start that is repainted within a mask: most of it is new. */
const REPAINTED = 0.8;
