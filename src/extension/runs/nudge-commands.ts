/** Keys that make the number at the cursor larger or smaller; in live mode the picture follows. */
import * as vscode from 'vscode';
import { nudged } from './nudge.ts';

/** How many steps each command goes. */
const STEPS = { increase: 1, decrease: -1, increaseMore: 10, decreaseMore: -10 } as const;

export function registerNudges(): vscode.Disposable {
    return vscode.Disposable.from(
        ...Object.entries(STEPS).map(([name, steps]) =>
            vscode.commands.registerTextEditorCommand(`sdspec.number.${name}`, (editor, edit) => {
                // Each number once, also where several cursors are in it.
                const done = new Set<string>();
                for (const { active } of editor.selections) {
                    const found = nudged(editor.document.lineAt(active.line).text, active.character, steps);
                    const key = found && `${active.line}:${found.start}`;
                    if (!found || !key || done.has(key)) continue;
                    done.add(key);
                    edit.replace(new vscode.Range(active.line, found.start, active.line, found.end), found.text);
                }
            }),
        ),
    );
}
