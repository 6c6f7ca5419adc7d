/** The part of mocha that the suite uses; mocha brings no types of its own. */
declare module 'mocha' {
    interface Test {
        fullTitle(): string;
        readonly duration?: number;
    }
    interface Runner {
        on(event: 'pass', listener: (test: Test) => void): this;
        on(event: 'fail', listener: (test: Test, error: Error) => void): this;
        on(event: 'end', listener: () => void): this;
        readonly stats?: { readonly passes: number; readonly failures: number };
    }
    export default class Mocha {
        constructor(options: { ui: string; timeout: number; color: boolean });
        readonly suite: { emit(event: 'pre-require', context: never, file: string, mocha: Mocha): void };
        run(done: (failures: number) => void): Runner;
    }
}
declare function suite(title: string, body: () => void): void;
declare function suiteSetup(body: () => Promise<void>): void;
declare function test(title: string, body: () => Promise<void>): void;
