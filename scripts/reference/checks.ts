/** Everything that the checks say: the cases that prove them, with the message that each of them brings up. */
import { problemsOf } from '../../src/language/index.ts';
import type { Problem } from '../../src/plan/problem.ts';
import type { Case } from '../../test/language/checks/case.ts';
import { CASES } from '../../test/language/checks/cases.ts';
import { languageWith, parse } from '../../test/language/workbench.ts';

const LIBRARY = 'prompt turtle = "a turtle"\nprompt frog = "a frog"\n';
const CIRCLE = 'import { b2 } from "./here.sdspec"\nprompt b = "x"\n';

export async function checksSection(): Promise<string> {
    const codes = new Map<string, Case>();
    for (const each of CASES) if (!codes.has(each.code)) codes.set(each.code, each);
    const sections: string[] = [];
    for (const [, each] of [...codes].toSorted(([a], [b]) => (a < b ? -1 : 1))) sections.push(await caseSection(each));
    return [
        '## What the checks say',
        'Every problem has a code. The example shows the place between « and ». A quick fix makes the second text of the first.',
        ...sections,
    ].join('\n\n');
}

async function caseSection(each: Case): Promise<string> {
    const { code, severity, text, fixed } = each;
    const message = (await problemsIn(each)).find(
        (problem) => problem.code === code && problem.severity === severity,
    )?.message;
    if (!message) throw new Error(`The case of ${code} brings up nothing.`);
    const examples = [text, ...(fixed === undefined ? [] : [fixed])].map(
        (spec) => `\`\`\`sdspec\n${spec.trimEnd()}\n\`\`\``,
    );
    return [`### ${code}`, `*${severity}*: ${message}`, ...examples].join('\n\n');
}

/** One language for all cases without files: making another for each would take most of the time. */
const bare = languageWith();

async function problemsIn({ text, files }: Case): Promise<readonly Problem[]> {
    const plain = text.replace(/[«»]/g, '');
    const language = files ? languageWith(files) : bare;
    await parse(LIBRARY, language, 'library.sdspec');
    await parse(plain, language, 'here.sdspec');
    if (text.includes('circle.sdspec')) await parse(CIRCLE, language, 'circle.sdspec');
    return problemsOf(await parse(plain, language, 'here.sdspec'));
}
