/** An editor on a spec whose generates and scans are biased by the picture of an elephant. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type Editor, openEditor, openFile, ROOT } from './editor.ts';
import { make } from './runs-tree.ts';

/** What such specs begin with. */
export const RABBIT = `sdspec 1

image elephant = "./elephant.png"

generate rabbit {
    prompt   "photo of a grey rabbit in a meadow"
    steps    8
    guidance 5
    seed     5
}
`;

/** With the spec open, and the pictures of these runnables made. */
export async function openWithElephant(spec: string, made: readonly string[]): Promise<Editor> {
    const editor = await openEditor({ files: { 'first.sdspec': spec } });
    cpSync(join(ROOT, 'examples', 'assets', 'elephant.png'), join(editor.folder, 'elephant.png'));
    await openFile(editor.page, 'first.sdspec');
    for (const name of made) make(editor.folder, name);
    return editor;
}
