/** A runnable that a user names: its spec and its name. */
import type * as vscode from 'vscode';

/** Names a runnable of a document. */
export interface RunnableId {
    readonly uri: vscode.Uri;
    readonly name: string;
}

export function keyOf({ uri, name }: RunnableId): string {
    return `${uri.toString()}#${name}`;
}
