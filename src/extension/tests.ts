/** The Test Explorer: every runnable with an `expect` block is a test. */
import * as vscode from 'vscode';
import type { RunOutcome } from '../runtime/process/protocol.ts';
import type { ExpectationResult } from '../runtime/run/expect.ts';
import type { Language } from './client.ts';
import type { RunnableId, Runs } from './run.ts';
import { mayRunOrTell } from './trust.ts';

export function provideTests(language: Language, runs: Runs): vscode.Disposable {
    const controller = vscode.tests.createTestController('sdspec', 'SDSpec');
    const ids = new WeakMap<vscode.TestItem, RunnableId>();

    async function discover(uri: vscode.Uri): Promise<void> {
        const expected = (await language.runnables(uri)).filter(({ expects }) => expects);
        if (expected.length === 0) {
            controller.items.delete(uri.toString());
            return;
        }
        const label = vscode.workspace.asRelativePath(uri);
        const file = controller.items.get(uri.toString()) ?? controller.createTestItem(uri.toString(), label, uri);
        controller.items.add(file);
        const members = expected.map(({ name, nameRange }) => {
            const item = file.children.get(name) ?? controller.createTestItem(name, name, uri);
            item.range = nameRange;
            ids.set(item, { uri, name });
            return item;
        });
        file.children.replace(members);
    }

    async function discoverAll(): Promise<void> {
        const files = await vscode.workspace.findFiles('**/*.sdspec', '**/{node_modules,.sdspec}/**', 500);
        for (const uri of files) {
            // The language knows documents that were opened.
            await vscode.workspace.openTextDocument(uri);
            await discover(uri);
        }
    }

    async function carryOut(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
        if (!mayRunOrTell()) return;
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

    const open = (document: vscode.TextDocument) => {
        if (document.languageId === 'sdspec' && ['file', 'untitled'].includes(document.uri.scheme)) {
            void discover(document.uri);
        }
    };
    let timer: NodeJS.Timeout | undefined;
    controller.resolveHandler = async (item) => (item ? undefined : discoverAll());
    controller.refreshHandler = discoverAll;
    controller.createRunProfile('Run', vscode.TestRunProfileKind.Run, carryOut, true);
    vscode.workspace.textDocuments.forEach(open);
    return vscode.Disposable.from(
        controller,
        vscode.workspace.onDidOpenTextDocument(open),
        vscode.workspace.onDidChangeTextDocument(({ document }) => {
            clearTimeout(timer);
            timer = setTimeout(() => open(document), 500);
        }),
    );
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
