/** `sdspec explain`: which settings differ between two pictures. */
import { createNodeLanguage } from '../../language/index-node.ts';
import { explainDifference, type SettingDifference } from '../../language/write/explain.ts';
import type { Origin } from '../../plan/origin.ts';
import { readOrigin } from '../../runtime/pictures/metadata/read.ts';
import { type Command, EXIT, UsageError } from '../command.ts';

export const explain: Command = {
    name: 'explain',
    arguments: 'PICTURE PICTURE',
    summary: 'Says which settings differ between two pictures, by sdspec or by other tools.',
    help: `Reads what both files say of their making, as \`sdspec import\` does, and prints the settings that differ. The exit code is
0 where none differs and 1 where some do, as that of diff.

Examples:
  sdspec explain before.png after.png
  sdspec explain a1111.png mine.png --json`,
    options: { json: { help: 'Writes the differences as JSON: setting, a, b.' } },
    async run(call) {
        const [first, second, ...more] = call.words;
        if (first === undefined || second === undefined || more.length > 0) {
            throw new UsageError('Which two pictures? For example: sdspec explain before.png after.png');
        }
        const [a, b] = [await originOfFile(first), await originOfFile(second)];
        if (!a || !b) return EXIT.usage;
        const differences = await explainDifference(createNodeLanguage(), a, b);
        if (call.flag('json')) console.log(JSON.stringify(differences, null, 2));
        else console.log(tableOf(differences, first, second));
        return differences.length > 0 ? EXIT.failed : EXIT.done;
    },
};

async function originOfFile(file: string): Promise<Origin | undefined> {
    const origin = await readOrigin(file);
    if (!origin) console.error(`sdspec: ${file} says nothing of how it was made, so it can't be compared.`);
    return origin;
}

function tableOf(differences: readonly SettingDifference[], a: string, b: string): string {
    if (differences.length === 0) return `${a} and ${b} say the same of how they were made.`;
    const lines = differences.flatMap(({ setting, a: inA, b: inB }) => [
        setting,
        `  - ${inA ?? '(not there)'}`,
        `  + ${inB ?? '(not there)'}`,
    ]);
    return [`--- ${a}`, `+++ ${b}`, ...lines].join('\n');
}
