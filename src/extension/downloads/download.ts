/** Downloads on the user's wish: which model, how much, whether, how far it is, and what to do where it fails. */
import * as vscode from 'vscode';
import { sizeWords } from '../../plan/amounts.ts';
import { type HubModel, hubName, parseHubName } from '../../plan/model-names.ts';
import type { DownloadOutcome, FetchRequest } from '../../runtime/process/protocol.ts';
import type { Failure } from '../../runtime/run-error.ts';
import type { Parts } from '../parts.ts';
import type { RunnableId } from '../runnable.ts';
import { mayRunOrWarn } from '../trust.ts';
import { chooseModel } from './choose-model.ts';
import { followDownload } from './download-words.ts';
import { hubAccess, setHubToken } from './hub-access.ts';
import { offerMissingModels } from './missing-models.ts';

type Wanted = Pick<FetchRequest, 'model' | 'half'>;
type Survey = Extract<Awaited<ReturnType<typeof survey>>, { kind: 'done' }>['answer'];

/** The parts that a download needs, and where tokens are kept. */
type Hands = Pick<Parts, 'language' | 'runtime' | 'runs'> & { readonly secrets: vscode.SecretStorage };

/** The commands that download, and the quick fix that leads to them. */
export function provideDownloads(parts: Parts, secrets: vscode.SecretStorage): vscode.Disposable {
    const hands: Hands = { ...parts, secrets };
    const register = vscode.commands.registerCommand;
    return vscode.Disposable.from(
        register('sdspec.downloadModel', (name?: unknown, again?: RunnableId) =>
            downloadModel(hands, typeof name === 'string' ? name : undefined, again),
        ),
        register('sdspec.setHubToken', () => setHubToken(secrets)),
        offerMissingModels(parts.language, parts.runtime),
    );
}

/** From the question to the last file. `again`: what wanted the model, and may run then. */
async function downloadModel(hands: Hands, name?: string, again?: RunnableId): Promise<void> {
    if (!mayRunOrWarn()) return;
    const model = parseHubName(name ?? '') ?? (await chooseModel(hands, name));
    if (!model) return;
    const retry = () => downloadModel(hands, hubName(model), again);
    const surveyed = await survey(hands, model);
    if (surveyed.kind !== 'done') return showEnd(hands, model, surveyed, retry);
    const wanted = await confirm(hands, model, surveyed.answer);
    if (wanted) await bring(hands, wanted, again);
}

/** Downloads what was agreed to; resuming after an interruption asks no new question. */
async function bring(hands: Hands, wanted: Wanted, again: RunnableId | undefined): Promise<void> {
    const fetched = await fetch(hands, wanted);
    if (fetched.kind === 'done') return showDone(hands, wanted.model, fetched.answer.bytes, again);
    return showEnd(hands, wanted.model, fetched, () => bring(hands, wanted, again));
}

/** Asks the hub how much is to come. */
async function survey({ runtime, secrets }: Hands, model: HubModel) {
    const [downloads, access] = await Promise.all([runtime.downloads(), hubAccess(secrets)]);
    return withProgress(`Asking the hub for ${hubName(model)}`, (_, token) => {
        const handle = downloads.survey({ model, access });
        token.onCancellationRequested(() => handle.cancel());
        return handle.outcome;
    });
}

/** Says how much would come from where to where, and asks. Undefined: the user says no. */
async function confirm(
    { runtime }: Hands,
    model: HubModel,
    { endpoint, full, half }: Survey,
): Promise<Wanted | undefined> {
    // Where nothing comes there is nothing to ask: the model is here, or its files only need their names.
    if (full.files === 0) return { model };
    const left = (extent: typeof full) => Math.max(0, extent.bytes - extent.begunBytes);
    const all = `Download ${sizeWords(left(full))}`;
    const small = half ? `Download ${sizeWords(left(half))} (16 bits)` : undefined;
    const here = full.begunBytes + full.hereBytes;
    const detail = [
        `${sizeWords(left(full))} in ${full.files} files come from ${new URL(endpoint).host} into ${runtime.models}.`,
        ...(here > 0 ? [`${sizeWords(here)} are here already: the download continues where it ended.`] : []),
        ...(half ? [`With weights of 16 bits it is ${sizeWords(left(half))}; pictures differ a little then.`] : []),
        'It can be cancelled at any time, and continued later.',
    ].join('\n');
    const choices = small ? [all, small] : [all];
    const choice = await vscode.window.showInformationMessage(
        `Download ${hubName(model)}?`,
        { modal: true, detail },
        ...choices,
    );
    return choice === undefined ? undefined : { model, half: choice === small };
}

async function fetch({ runtime, secrets }: Hands, wanted: Wanted) {
    const [downloads, access] = await Promise.all([runtime.downloads(), hubAccess(secrets)]);
    const name = hubName(wanted.model);
    runtime.log.info(`${name} is downloaded into ${runtime.models}.`);
    return withProgress(`Downloading ${name}`, (progress, token) => {
        const follow = followDownload();
        let shown = 0;
        const handle = downloads.fetch({ ...wanted, access }, (told) => {
            if (told.kind === 'notice') runtime.log.info(told.text);
            if (told.kind !== 'bytes') return;
            const { words, percent } = follow(told);
            progress.report({ message: words, increment: Math.max(0, percent - shown) });
            shown = Math.max(shown, percent);
        });
        token.onCancellationRequested(() => handle.cancel());
        return handle.outcome;
    });
}

function withProgress<Result>(
    title: string,
    work: (
        progress: vscode.Progress<{ message?: string; increment?: number }>,
        token: vscode.CancellationToken,
    ) => Promise<Result>,
): Thenable<Result> {
    const location = vscode.ProgressLocation.Notification;
    return vscode.window.withProgress({ location, title, cancellable: true }, work);
}

async function showDone({ runs }: Hands, model: HubModel, bytes: number, again?: RunnableId): Promise<void> {
    const run = again && `Run ${again.name}`;
    const text = `${hubName(model)} is on this machine${bytes > 0 ? `: ${sizeWords(bytes)} are there and right` : ''}.`;
    const choice = await vscode.window.showInformationMessage(text, ...(run ? [run] : []));
    if (again && choice === run) await runs.start(again);
}

type Unfinished = Exclude<DownloadOutcome<never>, { readonly kind: 'done' }>;

async function showEnd(hands: Hands, model: HubModel, end: Unfinished, retry: () => Promise<void>): Promise<void> {
    if (end.kind === 'cancelled') {
        const goOn = 'Continue';
        const text = `The download of ${hubName(model)} was stopped. The part already downloaded is kept, and the download continues from there.`;
        if ((await vscode.window.showInformationMessage(text, goOn)) === goOn) await retry();
        return;
    }
    const { failure } = end;
    hands.runtime.log.error([failure.message, failure.detail].filter(Boolean).join('\n'));
    const ways = waysOut(hands, model, failure, retry);
    const choice = await vscode.window.showErrorMessage(failure.message, ...Object.keys(ways));
    if (choice) await ways[choice]?.();
}

/** What may help, by the words on its button. */
function waysOut(
    hands: Hands,
    model: HubModel,
    { code }: Failure,
    retry: () => Promise<void>,
): Readonly<Record<string, () => unknown>> {
    const settings = (name: string) => () => vscode.commands.executeCommand('workbench.action.openSettings', name);
    const again = { 'Try Again': retry };
    switch (code) {
        case 'hub/denied':
            return {
                'Set Token…': async () => (await setHubToken(hands.secrets)) && retry(),
                'Open Page': async () => {
                    const { endpoint } = await hubAccess(hands.secrets);
                    await vscode.env.openExternal(vscode.Uri.parse(`${endpoint}/${model.repository}`));
                },
                ...again,
            };
        case 'hub/not-found':
        case 'hub/no-revision':
        case 'hub/unsuitable':
            return {
                'Other Name…': async () => {
                    const other = await chooseModel(hands, hubName(model));
                    if (other) await downloadModel(hands, hubName(other));
                },
            };
        case 'hub/full':
            return { ...again, 'Choose Folder…': settings('sdspec.models.folder') };
        case 'hub/offline':
        case 'hub/answer':
            return { ...again, 'Hub Settings': settings('sdspec.hub') };
        case 'internal':
        case 'runtime/ended':
            return { ...again, 'Show Log': () => hands.runtime.log.show(true) };
        default:
            return again;
    }
}
