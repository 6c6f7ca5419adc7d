/** Carries out what the page or a command asks to do with a picture or its run. */
import * as vscode from 'vscode';
import { hubName } from '../../plan/model-names.ts';
import type { Parts } from '../parts.ts';
import { fileOf, runIn } from '../runs/records.ts';
import * as actions from './actions.ts';
import { askNote, toggleStar } from './marks.ts';
import type { HostAction } from './messages.ts';
import type { ChosenPlace } from './pages/pages.ts';
import { reportSpec } from './report.ts';
import { showingOf } from './showing.ts';
import { makeGenerate, takeHash, usePicture } from './use-picture.ts';

const NOT_HERE = 'This run was not started by this window: stop it where it was, or wait for the end of its step.';

/** Carries out what the page or a command asks to do with a picture. */
export async function act(parts: Parts, action: HostAction, chosen: ChosenPlace): Promise<void> {
    const { language, runs, results, documents, runtime } = parts;
    const live = runs.in(chosen.folder);
    const runnable = () => {
        const run = runIn(chosen.folder);
        return live ?? (run && actions.runnableOf(run));
    };
    switch (action) {
        case 'keep':
            if (live) runs.keep(live);
            else vscode.window.showInformationMessage(NOT_HERE);
            return;
        case 'stop':
            if (live) runs.stop(live);
            else vscode.window.showInformationMessage(NOT_HERE);
            return;
        case 'restartRuntime':
            return runtime.restart();
        case 'showLog':
            return runtime.log.show(true);
        case 'openInEditor':
            return results.openInEditor(chosen.folder);
        case 'runAgain': {
            const id = runnable();
            if (id) await runs.start(id, { force: true });
            return;
        }
        case 'star':
        case 'note':
            await (action === 'star' ? toggleStar(chosen.folder) : askNote(chosen.folder));
            results.showAgain(chosen.folder);
            parts.history.refresh();
            return;
        case 'openSheet': {
            const run = runIn(chosen.folder);
            const sheet = run?.record.sheet && fileOf(run.folder, run.record.sheet);
            if (sheet) await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(sheet));
            else vscode.window.showInformationMessage('Sweeps have a sheet as soon as all their pictures are made.');
            return;
        }
        case 'report': {
            const id = runnable();
            if (id) await reportSpec(id.uri, parts.extension, language);
            return;
        }
        case 'downloadModel': {
            const missing = (await showingOf(chosen.folder, runs))?.missing;
            if (missing) await vscode.commands.executeCommand('sdspec.downloadModel', hubName(missing), runnable());
            return;
        }
        case 'showResolved': {
            const run = runIn(chosen.folder);
            if (run) await documents.show(run);
            return;
        }
        default:
    }
    const picture = actions.pictureAt(chosen);
    if (!picture) {
        vscode.window.showInformationMessage('This picture is not finished yet.');
        return;
    }
    switch (action) {
        case 'copySeed':
            return actions.copySeed(picture);
        case 'copySettings':
            return actions.copySettings(picture);
        case 'pinSeed':
            return actions.pinSeedOf(picture, live ?? actions.runnableOf(picture.run), language);
        case 'saveAs':
            return actions.saveAs(picture);
        case 'reveal':
            return actions.reveal(picture);
        case 'copyPath':
            await vscode.env.clipboard.writeText(picture.file);
            return;
        case 'useAsBias':
            return usePicture(picture, 'bias', live, language);
        case 'useAsStart':
            return usePicture(picture, 'start', live, language);
        case 'useAsMask':
            return usePicture(picture, 'mask', live, language);
        case 'useAsControl':
            return usePicture(picture, 'control', live, language);
        case 'makeGenerate':
            return makeGenerate(picture, live, language);
        case 'takeHash':
            return takeHash(picture, live, language);
        case 'compareCommitted': {
            const folder = await actions.committedRun(picture, language);
            if (folder) await results.compare(chosen, { folder, cell: chosen.cell });
        }
    }
}
