/** `sdspec models cache`: the weights that sdspec has prepared from models, to be listed and removed. */
import { basename } from 'node:path';
import { sizeWords } from '../../plan/amounts.ts';
import { cachedFiles, cacheFolder, cacheLimit, removeCached } from '../../runtime/weights/cache/cache-folder.ts';
import { EXIT, UsageError } from '../command.ts';

/** Nothing lists, `clear` removes everything. */
export function modelCache(words: readonly string[], { json }: { readonly json: boolean }): number {
    const [action, ...rest] = words;
    if ((action !== undefined && action !== 'clear') || rest.length > 0)
        throw new UsageError(
            `"${words.join(' ')}" is not known here: sdspec models cache, or sdspec models cache clear`,
        );
    const files = cachedFiles();
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (action === 'clear') {
        removeCached(files);
        console.log(`${sizeWords(bytes)} removed from ${cacheFolder()}. Runs prepare again what they need.`);
        return EXIT.done;
    }
    if (json) {
        const list = files.map(({ usedMs, ...file }) => ({ ...file, used: new Date(usedMs).toISOString() }));
        console.log(JSON.stringify({ folder: cacheFolder(), limit: cacheLimit(), files: list }, null, 2));
        return EXIT.done;
    }
    console.log(`${cacheFolder()}: ${sizeWords(bytes)} of at most ${sizeWords(cacheLimit())}`);
    for (const file of files) {
        const used = new Date(file.usedMs).toISOString().slice(0, 10);
        console.log(`  ${basename(file.path).slice(0, 12)}  ${sizeWords(file.bytes).padStart(7)}  last used ${used}`);
    }
    return EXIT.done;
}
