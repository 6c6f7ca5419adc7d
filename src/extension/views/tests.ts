/** The Test Explorer: every runnable with an `expect` block is a test. */
import * as vscode from 'vscode';
import type { ExpectationResult } from '../../runtime/run/record.ts';
import type { RunOutcome } from '../../runtime/run/request.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';
import type { Runs } from '../runs/run.ts';
import { mayRunOrWarn } from '../trust.ts';

/** Milliseconds without a keystroke until tests are looked for again. */
const PAUSE = 500;

export function provideTests(language: LanguageConnection, runs: Runs): vscode.Disposable {
    const controller = vscode.tests.createTestController('sdspec', 'SDSpec');
    const ids = new WeakMap<vscode.TestItem, RunnableId>();
    let listed = false;

    /** The file's tests, undefined where it has none. */
    async function testsOf(uri: vscode.Uri): Promise<vscode.TestItem | undefined> {
        const expected = (await language.runnables(uri)).filter(({ expects }) => expects);
        if (expected.length === 0) return undefined;
        const label = vscode.workspace.asRelativePath(uri);
        const file = controller.items.get(uri.toString()) ?? controller.createTestItem(uri.toString(), label, uri);
        const members = expected.map(({ name, nameRange }) => {
            const item = file.children.get(name) ?? controller.createTestItem(name, name, uri);
            item.range = nameRange;
            ids.set(item, { uri, name });
            return item;
        });
        file.children.replace(members);
        return file;
    }

    async function discover(uri: vscode.Uri): Promise<void> {
        const file = await testsOf(uri);
        if (file) controller.items.add(file);
        else controller.items.delete(uri.toString());
    }

    /** All specs that are on disk or open now; what is gone since the last time goes from the list as well. */
    async function discoverAll(): Promise<void> {
        listed = true;
        const files = await vscode.workspace.findFiles('**/*.sdspec', '**/{node_modules,.sdspec}/**', 500);
        const open = vscode.workspace.textDocuments.filter(isWritten).map(({ uri }) => uri);
        const found: vscode.TestItem[] = [];
        for (const uri of new Map([...files, ...open].map((one) => [one.toString(), one])).values()) {
            // The language knows documents that were opened.
            await vscode.workspace.openTextDocument(uri);
            const file = await testsOf(uri);
            if (file) found.push(file);
        }
        controller.items.replace(found);
    }

    async function runTest(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
        if (!mayRunOrWarn()) return;
        const run = controller.createTestRun(request);
        const items = leaves(request.include ?? [...controller.items].map(([, item]) => item)).filter(
            (item) => !request.exclude?.includes(item),
        );
        for (const item of items) run.enqueued(item);
        for (const item of items) {
            const id = ids.get(item);
            if (!id || token.isCancellationRequested) {
                run.skipped(item);
                continue;
            }
            await judge(run, item, id, token);
        }
        run.end();
    }

    async function judge(
        run: vscode.TestRun,
        item: vscode.TestItem,
        id: RunnableId,
        token: vscode.CancellationToken,
    ): Promise<void> {
        run.started(item);
        const begun = Date.now();
        const live = await runs.start(id, { force: true });
        if (!live) {
            run.errored(item, new vscode.TestMessage(`${id.name} could not be run.`));
            return;
        }
        const stopping = token.onCancellationRequested(() => runs.stop(live));
        const outcome = await runs.ended(live);
        stopping.dispose();
        report(run, item, outcome, Date.now() - begun);
    }

    const timers = new Map<string, NodeJS.Timeout>();
    const discoverSoon = (document: vscode.TextDocument, pause: number) => {
        if (!isWritten(document)) return;
        const key = document.uri.toString();
        clearTimeout(timers.get(key));
        const act = () => {
            timers.delete(key);
            if (!document.isClosed) void discover(document.uri);
        };
        timers.set(key, setTimeout(act, pause));
    };
    const specs = vscode.workspace.createFileSystemWatcher('**/*.sdspec', false, true);
    controller.resolveHandler = async (item) => (item ? undefined : discoverAll());
    controller.refreshHandler = discoverAll;
    controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, runTest, true);
    for (const document of vscode.workspace.textDocuments) discoverSoon(document, 0);
    return vscode.Disposable.from(
        controller,
        specs,
        // What is opened is looked at below. Before the list was asked for, files are left alone.
        specs.onDidCreate((uri) => listed && vscode.workspace.openTextDocument(uri)),
        specs.onDidDelete((uri) => controller.items.delete(uri.toString())),
        vscode.workspace.onDidOpenTextDocument((document) => discoverSoon(document, 0)),
        vscode.workspace.onDidChangeTextDocument(({ document }) => discoverSoon(document, PAUSE)),
        new vscode.Disposable(() => timers.forEach(clearTimeout)),
    );
}

/** Whether a document is a spec that is being written: other schemes show what was made of one. */
function isWritten({ languageId, uri }: vscode.TextDocument): boolean {
    return languageId === 'sdspec' && ['file', 'untitled'].includes(uri.scheme);
}

/** Shows two pictures beside each other; its arguments come from the link of a test's message. */
export async function compareExpected(expected?: string, actual?: string): Promise<void> {
    if (!expected || !actual) return;
    await vscode.commands.executeCommand(
        'vscode.diff',
        vscode.Uri.file(expected),
        vscode.Uri.file(actual),
        'expected ↔ actual',
    );
}

function report(run: vscode.TestRun, item: vscode.TestItem, outcome: RunOutcome | undefined, duration: number): void {
    const say = (text: string) => run.appendOutput(`${text}\r\n`, undefined, item);
    switch (outcome?.kind) {
        case 'done': {
            const results = outcome.record.expectations ?? [];
            for (const { verdict, message } of results) say(`${verdict}: ${message}`);
            const missed = results.filter(({ verdict }) => verdict === 'missed');
            if (missed.length > 0)
                run.failed(
                    item,
                    missed.map((one) => messageOf(one, item)),
                    duration,
                );
            else if (results.length > 0 && results.every(({ verdict }) => verdict === 'skipped')) run.skipped(item);
            else run.passed(item, duration);
            return;
        }
        case 'failed':
            say(outcome.failure.message);
            run.errored(item, new vscode.TestMessage(outcome.failure.message), duration);
            return;
        default:
            run.skipped(item);
    }
}

/** What was missed; where it is about two pictures, with a link that shows both. */
function messageOf({ message, expected, actual }: ExpectationResult, item: vscode.TestItem): vscode.TestMessage {
    const text = new vscode.MarkdownString().appendText(message);
    if (expected && actual) {
        // Parentheses would end the link.
        const pictures = encodeURIComponent(JSON.stringify([expected, actual])).replace(
            /[()]/g,
            (sign) => `%${sign.charCodeAt(0).toString(16)}`,
        );
        text.appendMarkdown(`\n\n[Compare expected and actual picture](command:sdspec.compareExpected?${pictures})`);
        text.isTrusted = { enabledCommands: ['sdspec.compareExpected'] };
    }
    const told = new vscode.TestMessage(text);
    if (item.uri && item.range) told.location = new vscode.Location(item.uri, item.range);
    return told;
}

function leaves(items: readonly vscode.TestItem[]): readonly vscode.TestItem[] {
    return items.flatMap((item) =>
        item.children.size > 0 ? leaves([...item.children].map(([, child]) => child)) : [item],
    );
}
