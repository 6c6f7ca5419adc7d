/** The one rule of where the paths of a spec start, for checks and for runs. */

/**
 * The spec's own folder. A spec that was never saved has none: its paths start in the first folder that the editor has
 * open, and nowhere where there is none. `untitled:/home/me/new.sdspec` is a file to be, and has its folder already.
 */
export function specFolder<Folder>(
    { scheme, path }: { readonly scheme: string; readonly path: string },
    own: () => Folder,
    open: readonly Folder[],
): Folder | undefined {
    return scheme !== 'untitled' || path.startsWith('/') ? own() : open[0];
}
