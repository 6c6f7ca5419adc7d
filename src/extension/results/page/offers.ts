/** What the page offers to do: with a picture, and where a run went wrong. Nothing that makes pictures without trust. */
import type { HostAction } from '../messages.ts';
import type { Shown } from '../shown-run.ts';

export interface Offer<Action = HostAction> {
    readonly action: Action;
    readonly title: string;
}

/** What the page does itself. */
export type MenuPageAction = 'mask' | 'copyPicture';

/** What can be done with the chosen picture. */
export function actionsOf(
    trusted: boolean,
    { hasSheet, mark }: Pick<Shown, 'hasSheet' | 'mark'>,
): readonly Offer<HostAction | MenuPageAction>[] {
    return [
        { action: 'copySeed', title: 'Copy seed' },
        { action: 'copySettings', title: 'Copy settings as spec text' },
        { action: 'pinSeed', title: 'Pin seed into spec' },
        { action: 'makeGenerate', title: 'Make a generate of this picture' },
        { action: 'useAsBias', title: 'Use as bias picture' },
        { action: 'useAsStart', title: 'Use as start' },
        { action: 'useAsMask', title: 'Use as mask' },
        { action: 'useAsControl', title: 'Use as control' },
        { action: 'mask', title: 'Paint a mask…' },
        { action: 'takeHash', title: 'Expect this picture' },
        { action: 'saveAs', title: 'Save as…' },
        { action: 'copyPicture', title: 'Copy picture' },
        { action: 'copyPath', title: 'Copy path' },
        { action: 'reveal', title: 'Reveal in file manager' },
        ...(hasSheet ? [{ action: 'openSheet', title: 'Open the sheet' } as const] : []),
        ...(trusted ? [{ action: 'report', title: 'Report of the spec (HTML)' } as const] : []),
        { action: 'note', title: mark.note ? 'Change the note…' : 'Write a note…' },
        ...(trusted ? [{ action: 'runAgain', title: 'Run again' } as const] : []),
        { action: 'compareCommitted', title: 'Compare with last commit' },
        { action: 'showResolved', title: 'Show resolved spec' },
        { action: 'openInEditor', title: 'Open in editor' },
    ];
}

/** What may mend a run that went wrong, the likeliest first. The words in it can come from any record. */
export function remediesOf({ message, missing }: Shown, trusted: boolean): readonly Offer[] {
    if (!message || !trusted) return [];
    return [
        ...(missing ? [{ action: 'downloadModel', title: 'Download…' } as const] : []),
        { action: 'runAgain', title: 'Run again' },
        { action: 'restartRuntime', title: 'Restart' },
        { action: 'showLog', title: 'Show log' },
    ];
}
