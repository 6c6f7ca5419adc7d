/** What is asked of a giant spec: check, format, and the plans of its first and last runnables as text. */
import {
    createNodeLanguage,
    listRunnables,
    lowerRun,
    nodeFiles,
    problemsOf,
} from '../../../src/language/index-node.ts';
import { formatted } from '../../../src/language/lsp/format/formatter.ts';
import { digest } from '../../../src/plan/digest.ts';

export async function planned(text: string): Promise<string> {
    const times: Record<string, number> = {};
    let begin = performance.now();
    const lap = (name: string) => {
        times[name] = Math.round(performance.now() - begin);
        begin = performance.now();
    };
    const language = createNodeLanguage();
    const uri = new URL('../../../examples/giant.sdspec', import.meta.url).toString();
    const document = await language.parseText(text, uri);
    const messages = problemsOf(document).map(({ message }) => message);
    lap('check');
    formatted(document);
    lap('format');
    const names = listRunnables(document).map(({ name }) => name);
    for (const name of new Set([...names.slice(0, 1), ...names.slice(-2)])) {
        const { value, problems } = lowerRun(document, name, { files: nodeFiles });
        messages.push(...problems.map(({ message }) => message));
        if (value) digest(value.work);
    }
    lap('plan');
    const first = messages.slice(0, 200);
    return JSON.stringify({ times, messages: first, count: messages.length });
}
