/** Asks which model to download: those that the spec in view names and that are missing, or any name of a hub model. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { type HubModel, hubName } from '../../plan/model-names.ts';
import type { LanguageConnection } from '../client.ts';
import type { WindowRuntime } from '../runs/runtime.ts';
import { specInView } from '../runs/which-runnable.ts';
import { missingModels } from './missing-models.ts';
import { modelFromWords } from './model-names.ts';

type Entry = vscode.QuickPickItem & { readonly model?: HubModel };

/** Undefined: the user changed their mind. */
export async function chooseModel(
    { language, runtime }: { readonly language: LanguageConnection; readonly runtime: WindowRuntime },
    typed = '',
): Promise<HubModel | undefined> {
    const pick = vscode.window.createQuickPick<Entry>();
    pick.title = 'Download a model of the hub';
    pick.placeholder = 'hf:owner/name@revision, or hf:owner/name';
    pick.ignoreFocusOut = true;
    pick.value = typed;
    let missing: readonly Entry[] = [];
    const draw = async () => {
        const { value } = pick;
        const model = await modelFromWords(value, language);
        // Another value may have been typed since.
        if (pick.value === value) pick.items = [...typedEntry(value, model, missing), ...missing];
    };
    void draw();
    pick.onDidChangeValue(() => void draw());
    const chosen = new Promise<HubModel | undefined>((resolve) => {
        // An entry without a model says what to write; the box stays open for it.
        pick.onDidAccept(() => pick.selectedItems[0]?.model && resolve(pick.selectedItems[0].model));
        pick.onDidHide(() => resolve(undefined));
    });
    pick.show();
    const spec = specInView();
    if (spec) {
        const document = await vscode.workspace.openTextDocument(spec);
        const description = `named by ${basename(document.uri.fsPath)}, not on this machine`;
        const found = await missingModels(document, language, runtime);
        missing = found.map((model) => ({ label: hubName(model), description, model }));
        void draw();
    }
    const model = await chosen;
    pick.dispose();
    return model;
}

function typedEntry(typed: string, model: HubModel | undefined, missing: readonly Entry[]): readonly Entry[] {
    if (typed.trim() === '') return missing.length > 0 ? [] : [{ label: 'Write the name of a model', detail: HOW }];
    if (!model) return [{ label: `"${typed.trim()}" is no name of a hub model`, detail: HOW, alwaysShow: true }];
    const label = hubName(model);
    if (missing.some((one) => one.label === label)) return [];
    return [{ label, description: 'ask the hub how large it is', alwaysShow: true, model }];
}

const HOW =
    'Write hf:owner/name@revision, where the revision is a commit, a branch or a tag, or hf:owner/name for main.';
