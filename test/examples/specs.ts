/** The specs of the examples. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute, with a slash at its end. */
export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

/** Relative to the folder, with forward slashes, sorted; runs are no examples. */
export const EXAMPLE_SPECS: readonly string[] = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /^[^.].*\w\.sdspec$/.test(path) && !path.includes('/.'))
    .sort();
