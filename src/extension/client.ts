/** The language server: started with the extension, asked for runnables and plans. */
import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { Run } from '../plan/plan.ts';
import type { Outcome, Problem } from '../plan/problem.ts';
import type { RunnableId } from './run.ts';

/** Where texts are written by somebody; other schemes show what was made of them. */
const SCHEMES = ['file', 'untitled'];

/** Something in a spec that can be run. */
export interface Runnable {
    readonly name: string;
    readonly kind: 'generate' | 'sweep' | 'mosaic' | 'print';
    /** The whole declaration. */
    readonly range: vscode.Range;
    /** Its name within the text. */
    readonly nameRange: vscode.Range;
    readonly expects: boolean;
}

export interface Parameter {
    readonly name: string;
    readonly value: string;
}

/** What the language knows of a document's buffer, saved or not. */
export interface Language extends vscode.Disposable {
    readonly client: LanguageClient;
    runnables(uri: vscode.Uri): Promise<readonly Runnable[]>;
    parameters(uri: vscode.Uri): Promise<readonly Parameter[]>;
    plan(id: RunnableId, params?: Readonly<Record<string, string>>): Promise<Outcome<Run>>;
    /** The plan of another text for the same file. */
    planText(id: RunnableId, text: string): Promise<Outcome<Run>>;
}

/** Starts the server without waiting for it: whoever asks it something waits. */
export function startLanguage(context: vscode.ExtensionContext): Language {
    const module = context.asAbsolutePath('dist/server.js');
    const transport = TransportKind.ipc;
    const client = new LanguageClient(
        'sdspec',
        'SDSpec Language',
        {
            run: { module, transport },
            debug: { module, transport, options: { execArgv: ['--nolazy', '--inspect=6009'] } },
        },
        { documentSelector: SCHEMES.map((scheme) => ({ language: 'sdspec', scheme })) },
    );
    void client.start();
    const answer = async (uri: vscode.Uri) => {
        const textDocument = { uri: client.code2ProtocolConverter.asUri(uri) };
        return client.sendRequest<WireRunnables>('sdspec/runnables', { uri: textDocument.uri, textDocument });
    };
    const plan = async ({ uri, name }: RunnableId, more: object): Promise<Outcome<Run>> => {
        const request = { uri: client.code2ProtocolConverter.asUri(uri), name, ...more };
        const { run, problems } = await client.sendRequest<WirePlan>('sdspec/plan', request);
        return { ...(run ? { value: run } : {}), problems };
    };
    return {
        client,
        async runnables(uri) {
            return (await answer(uri)).runnables.map((one) => ({
                name: one.name,
                kind: one.kind,
                range: toRange(one.range),
                nameRange: toRange(one.nameRange ?? one.range),
                expects: one.expects,
            }));
        },
        async parameters(uri) {
            return (await answer(uri)).params;
        },
        plan: (id, params) => plan(id, params ? { params } : {}),
        planText: (id, text) => plan(id, { text }),
        dispose: () => client.stop().catch(() => undefined),
    };
}

interface WireRange {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number; readonly character: number };
}

interface WireRunnables {
    readonly runnables: readonly (Omit<Runnable, 'range' | 'nameRange'> & {
        readonly range: WireRange;
        readonly nameRange?: WireRange;
    })[];
    readonly params: readonly Parameter[];
}

interface WirePlan {
    readonly run?: Run | null;
    readonly problems: readonly Problem[];
}

function toRange({ start, end }: WireRange): vscode.Range {
    return new vscode.Range(start.line, start.character, end.line, end.character);
}
