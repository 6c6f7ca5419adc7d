/** Whether objects are let go of: counts those that are still there after a collection. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** How many of these are kept by something. The caller must hold none of them. */
export async function keptOf(objects: readonly WeakRef<object>[]): Promise<number> {
    for (let round = 0; round < 3; round++) {
        // What was looked at in this turn of the event loop is not collected in it.
        await new Promise((resolve) => setTimeout(resolve));
        collect();
    }
    return objects.filter((one) => one.deref() !== undefined).length;
}
