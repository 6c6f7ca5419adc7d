import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

/** Tells why tests were skipped, which the default reporter keeps to itself. */
const reasons: Reporter = {
    onTestRunEnd(modules) {
        for (const module of modules) {
            for (const test of module.children.allTests('skipped')) {
                const result = test.result();
                if (result.state === 'skipped' && result.note)
                    console.log(`skipped: ${test.fullName} (${result.note})`);
            }
        }
    },
};

export default defineConfig({
    test: {
        include: ['test/**/*.test.ts'],
        globalSetup: ['test/temporary-folder.ts'],
        setupFiles: ['test/properties.ts'],
        exclude: ['test/editor/**', 'node_modules/**'],
        // A guard against what hangs, not a measure: machines under load take several times as long.
        testTimeout: 300_000,
        hookTimeout: 300_000,
        pool: 'forks',
        maxWorkers: 2,
        reporters: ['default', reasons],
    },
});
