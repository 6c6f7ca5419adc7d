/** The hub as the editor knows it: its address from the settings, its token from the editor's secret storage. */
import * as vscode from 'vscode';
import { type Access, endpointOf, PUBLIC_HUB } from '../../runtime/hub/access.ts';

/** Access for one download. The token is only ever given to the download's process, and never logged. */
export async function hubAccess(secrets: vscode.SecretStorage): Promise<Access> {
    const token = await secrets.get(keyOf(endpoint()));
    return { asker: 'editor', endpoint: endpoint(), ...(token ? { token } : {}) };
}

/** Asks for a token and keeps it. False: the user changed their mind. */
export async function setHubToken(secrets: vscode.SecretStorage): Promise<boolean> {
    if (!URL.canParse(endpoint())) {
        const message = `"${endpoint()}" is no address of a hub: the setting sdspec.hub.endpoint wants one such as ${PUBLIC_HUB}.`;
        vscode.window.showErrorMessage(message);
        return false;
    }
    const [key, { host }] = [keyOf(endpoint()), new URL(endpoint())];
    const given = await vscode.window.showInputBox({
        title: `Access token for ${host}`,
        prompt: `Made at ${endpoint()}/settings/tokens with the right to read. It is kept in the editor's secret storage and sent to ${host} only. Empty: forget it.`,
        password: true,
        ignoreFocusOut: true,
        validateInput: (text) =>
            /^[!-~]*$/.test(text.trim()) ? undefined : 'A token has letters, digits and signs only: copy it again.',
    });
    if (given === undefined) return false;
    const token = given.trim();
    if (token) await secrets.store(key, token);
    else await secrets.delete(key);
    const message = token ? `The token for ${host} is kept.` : `The token for ${host} is forgotten.`;
    vscode.window.showInformationMessage(message);
    return true;
}

/** The address of the settings, else of the environment, else of the public hub; also where it is none. */
function endpoint(): string {
    return endpointOf({ endpoint: vscode.workspace.getConfiguration('sdspec').get('hub.endpoint', '') });
}

/** Every hub has its own: a setting that names another hub must not receive a token that was not given for it. */
function keyOf(address: string): string {
    return `sdspec.hub.token ${URL.canParse(address) ? new URL(address).origin : address}`;
}
