/** What the last commit says: the plan of a runnable as its text was then. */
import * as vscode from 'vscode';
import type { Run } from '../../plan/run.ts';
import type { LanguageConnection } from '../client.ts';
import type { RunnableId } from '../runnable.ts';

/** The part of the built-in git extension that is used here. */
interface GitExtension {
    getAPI(version: 1): { getRepository(uri: vscode.Uri): { show(ref: string, path: string): Promise<string> } | null };
}

/** Undefined where there is no git, no commit, or the committed text has no such runnable. */
export async function committedPlan({ uri, name }: RunnableId, language: LanguageConnection): Promise<Run | undefined> {
    const git = vscode.extensions.getExtension<GitExtension>('vscode.git');
    const text = await (async () => {
        try {
            const repository = (await git?.activate())?.getAPI(1).getRepository(uri);
            return await repository?.show('HEAD', uri.fsPath);
        } catch {
            // The file is not in the last commit.
            return undefined;
        }
    })();
    if (text === undefined) return undefined;
    return (await language.planText({ uri, name }, text)).value;
}
