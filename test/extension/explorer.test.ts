/** The Test Explorer lists the specs that are there, each as its text is now. */
import { beforeEach, expect, it, vi } from 'vitest';
import { type Document, editor, reset, Uri } from './fake-vscode.ts';

vi.mock('vscode', () => import('./fake-vscode.ts'));

import { provideTests } from '../../src/extension/views/tests.ts';

const [a, b] = ['a', 'b'].map((name) => Uri.file(`/work/${name}.sdspec`)) as [Uri, Uri];
const document = (uri: Uri, languageId = 'sdspec'): Document => ({ uri, languageId, isClosed: false });
const runnables = vi.fn(async (_: Uri) => [{ name: 'one', nameRange: {}, expects: true }]);

beforeEach(() => {
    reset();
    runnables.mockClear();
    vi.useFakeTimers();
    provideTests({ runnables } as never, {} as never);
    return () => vi.useRealTimers();
});

it('a spec that is deleted goes from the list', async () => {
    editor.files = [a, b];
    await editor.refreshTests();
    expect([...editor.tests.keys()]).toEqual([a.toString(), b.toString()]);
    editor.deleted.fire(a);
    expect([...editor.tests.keys()]).toEqual([b.toString()]);
});

it('a refresh lists what is there, and nothing that was', async () => {
    editor.files = [a];
    await editor.refreshTests();
    editor.files = [b];
    await editor.refreshTests();
    expect([...editor.tests.keys()]).toEqual([b.toString()]);
});

it('a spec is looked at after a change, whatever else changes meanwhile', async () => {
    editor.changed.fire({ document: document(a) });
    editor.changed.fire({ document: document(Uri.file('/work/log.txt'), 'log') });
    editor.changed.fire({ document: document(b) });
    await vi.runAllTimersAsync();
    expect(runnables.mock.calls.map(([uri]) => uri)).toEqual([a, b]);
});
