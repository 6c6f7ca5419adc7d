/** A session with the bundled language server: real messages over stdio. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
    createProtocolConnection,
    type Diagnostic,
    type ProtocolConnection,
    StreamMessageReader,
    StreamMessageWriter,
} from 'vscode-languageserver/node';

/** Bundles parts of the product into a folder, as they are shipped. */
export async function build(names: readonly string[], outdir: string): Promise<void> {
    const script: string = new URL('../../../scripts/build.mjs', import.meta.url).href;
    const { build: bundle } = (await import(script)) as { build(options: object): Promise<unknown> };
    await bundle({ names, outdir, minify: true });
}

/** Bundles the server into a folder of its own; returns the file to run. */
export async function bundleServer(): Promise<{ readonly file: string; readonly remove: () => void }> {
    const outdir = mkdtempSync(join(tmpdir(), 'sdspec-server-'));
    await build(['server'], outdir);
    return { file: join(outdir, 'server.js'), remove: () => rmSync(outdir, { recursive: true, force: true }) };
}

export class Session {
    readonly connection: ProtocolConnection;
    readonly process: ChildProcess;
    readonly folder: string;
    /** What the server wrote to its error stream. */
    errors = '';
    readonly #diagnostics = new Map<string, readonly Diagnostic[]>();
    readonly #waiting = new Set<() => void>();

    constructor(server: string, folder: string, nodeArgs: readonly string[] = []) {
        this.folder = folder;
        this.process = spawn(process.execPath, [...nodeArgs, server, '--stdio'], { stdio: ['pipe', 'pipe', 'pipe'] });
        this.process.stderr!.on('data', (data) => {
            this.errors += data;
        });
        this.connection = createProtocolConnection(
            new StreamMessageReader(this.process.stdout!),
            new StreamMessageWriter(this.process.stdin!),
        );
        this.connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }) => {
            this.#diagnostics.set(uri, diagnostics);
            for (const wake of this.#waiting) wake();
        });
        this.connection.onRequest('workspace/configuration', ({ items }) => items.map(() => null));
        this.connection.onRequest('client/registerCapability', () => null);
        this.connection.listen();
    }

    uri(name: string): string {
        return pathToFileURL(join(this.folder, name)).href;
    }

    async initialize(capabilities: object = {}): Promise<{ readonly capabilities: Record<string, unknown> }> {
        const folder = pathToFileURL(this.folder).href;
        const result = await this.request<{ readonly capabilities: Record<string, unknown> }>('initialize', {
            processId: process.pid,
            rootUri: folder,
            workspaceFolders: [{ uri: folder, name: 'test' }],
            capabilities: { workspace: { configuration: true }, ...capabilities },
        });
        await this.connection.sendNotification('initialized', {});
        return result;
    }

    open(uri: string, text: string): Promise<void> {
        this.#diagnostics.delete(uri);
        return this.connection.sendNotification('textDocument/didOpen', {
            textDocument: { uri, languageId: 'sdspec', version: 1, text },
        });
    }

    change(uri: string, version: number, text: string): Promise<void> {
        this.#diagnostics.delete(uri);
        return this.connection.sendNotification('textDocument/didChange', {
            textDocument: { uri, version },
            contentChanges: [{ text }],
        });
    }

    request<Result>(method: string, params: unknown): Promise<Result> {
        return this.connection.sendRequest(method, params);
    }

    /** The problems of a document once `fits` holds for them. */
    async diagnostics(
        uri: string,
        fits: (diagnostics: readonly Diagnostic[]) => boolean = () => true,
    ): Promise<readonly Diagnostic[]> {
        for (;;) {
            const found = this.#diagnostics.get(uri);
            if (found && fits(found)) return found;
            await new Promise<void>((resolve, reject) => {
                const timer = setTimeout(() => reject(new Error(`No such diagnostics for ${uri}.`)), 10_000);
                const wake = () => {
                    clearTimeout(timer);
                    this.#waiting.delete(wake);
                    resolve();
                };
                this.#waiting.add(wake);
            });
        }
    }

    /** Asks the server to end, and waits for its exit code. */
    async end(): Promise<number | null> {
        const exit = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
        await this.request('shutdown', null);
        await this.connection.sendNotification('exit');
        const code = await exit;
        this.connection.dispose();
        return code;
    }
}
