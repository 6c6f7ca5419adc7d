/** Which hosts a process contacts by fetch: in this process, or in a child by `watchedEnvironment`. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect } from 'vitest';

const CHANNEL = 'undici:client:beforeConnect';

/** Every test of the file fails that contacts another host than 127.0.0.1. */
export function onlyThisMachine(): void {
    const hosts = new Set<string>();
    const hear = (message: unknown) =>
        hosts.add((message as { connectParams: { hostname: string } }).connectParams.hostname);
    beforeEach(() => {
        hosts.clear();
        subscribe(CHANNEL, hear);
    });
    afterEach(() => {
        unsubscribe(CHANNEL, hear);
        expect([...hosts].filter((host) => host !== '127.0.0.1')).toEqual([]);
    });
}

/** Environment of a child process that says `CONTACT host` on stderr before it connects anywhere. */
export function watchedEnvironment(): Readonly<Record<string, string>> {
    const tell = '({ connectParams }) => console.error("CONTACT", connectParams.hostname)';
    const script = `import { subscribe } from "node:diagnostics_channel"; subscribe("${CHANNEL}", ${tell});`;
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
}
