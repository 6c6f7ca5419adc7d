/** The hub on this machine for one test, which closes it. */
import { onTestFinished } from 'vitest';
import { type Behaviour, type Hub, openHub } from './local-hub.ts';

export { BALLAST, type Behaviour, COMMIT, filesIn, type Hub, NANO, REPOSITORY } from './local-hub.ts';

export async function startHub(behaviour: Behaviour = {}): Promise<Hub> {
    const hub = await openHub(behaviour);
    onTestFinished(() => hub.close());
    return hub;
}
