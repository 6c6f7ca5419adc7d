/** `sdspec import`: writes the spec that would make a picture again, from what its file says. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { originText } from '../../language/write/origins/origin-text.ts';
import { readOrigin } from '../../runtime/pictures/metadata/read.ts';
import { OF_A_FILE, writeWhole } from '../../runtime/write-whole.ts';
import { type Command, EXIT, UsageError } from '../command.ts';

export const importCommand: Command = {
    name: 'import',
    arguments: 'PICTURE',
    summary: 'Writes the spec of a picture that sdspec or another tool made.',
    help: `Reads what the picture's file says of its making: PNG, JPEG, WebP and AVIF files by sdspec, AUTOMATIC1111 and tools
that write as it does (Forge, SD.Next, Civitai), ComfyUI, InvokeAI, Fooocus, SwarmUI, NovelAI. What a spec can't say is in
comments. Weights are named, not found: put their paths in.

Examples:
  sdspec import castle.png                   the spec, on stdout
  sdspec import castle.png -o castle.sdspec  a new file; one that is there already is left alone`,
    options: { output: { short: 'o', value: 'FILE', help: 'Writes a new file instead of stdout.' } },
    async run(call) {
        const [picture, ...more] = call.words;
        if (picture === undefined) throw new UsageError('Which picture? For example: sdspec import castle.png');
        if (more.length > 0) throw new UsageError(`One picture at a time: leave out ${more.join(' ')}.`);
        const target = call.value('output');
        if (target !== undefined && existsSync(target)) {
            console.error(`sdspec: ${target} is there already: choose another name.`);
            return EXIT.failed;
        }
        const origin = await readOrigin(picture);
        if (!origin) {
            console.error(
                `sdspec: ${picture} says nothing of how it was made: it was saved without that text, or by a tool that writes none.`,
            );
            return EXIT.failed;
        }
        const text = originText(basename(picture), origin);
        if (target === undefined) process.stdout.write(text);
        else await writeWhole(target, text, OF_A_FILE);
        return EXIT.done;
    },
};
