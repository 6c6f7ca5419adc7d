/** `SDSpec: New Experiment`: a first spec with comments, next to whatever is open. */
import * as vscode from 'vscode';

const EXAMPLE = `// A first experiment. Click "Run" above a picture's name, change a line, run again and compare.

model      sketch    = "builtin:sketch"              // comes with sdspec: nothing is downloaded

/** What the picture shows. Hover any word of this file to learn what it does. */
prompt     coast     = "a painting of a red house on the beach at sunset"

generate first {
    use       sketch
    prompt    coast
    steps     20
    guidance  5
    seed      42                                     // another seed, another picture: try 1..4
    trace     every 4 completed                      // keeps steps on the way: see "Steps" in the results
}

/** The same picture, followed more or less closely: one sheet, every value labelled. */
sweep pull over first {
    seed      in 1..3
    guidance  in [1, 4, 8]
    columns   guidance
}
`;

/** Writes the example into the open folder, or into an untitled document where there is none. */
export async function newExperiment(): Promise<void> {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (folder?.scheme !== 'file') {
        const document = await vscode.workspace.openTextDocument({ language: 'sdspec', content: EXAMPLE });
        await vscode.window.showTextDocument(document);
        return;
    }
    const uri = await freeName(folder, 'experiment');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(EXAMPLE));
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One });
}

/** `name.sdspec`, or the first `name-2.sdspec` and so on that is not there yet. */
export async function freeName(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
    for (let n = 1; ; n++) {
        const uri = vscode.Uri.joinPath(folder, `${name}${n === 1 ? '' : `-${n}`}.sdspec`);
        try {
            await vscode.workspace.fs.stat(uri);
        } catch {
            return uri;
        }
    }
}
