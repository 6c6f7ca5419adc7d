/** Runs the suite inside an extension host: the editor's own, or a desktop's. */
import Mocha from 'mocha';
import { defineSuite } from './suite.ts';

export async function run(): Promise<void> {
    const mocha = new Mocha({ ui: 'tdd', timeout: 60_000, color: false });
    mocha.suite.emit('pre-require', globalThis as never, '', mocha);
    defineSuite();
    const lines: string[] = [];
    const failures = await new Promise<number>((resolve) => {
        const runner = mocha.run(resolve);
        runner.on('pass', (test) => lines.push(`  ok ${test.fullTitle()} (${test.duration} ms)`));
        runner.on('fail', (test, error: Error) => lines.push(`  not ok ${test.fullTitle()}\n${error.stack}`));
        runner.on('end', () => lines.push(`${runner.stats?.passes} passed, ${runner.stats?.failures} failed`));
    });
    console.log(lines.join('\n'));
    if (failures > 0) throw new Error(`${failures} tests failed.`);
}
