/** Help: for the program and for each command. */
import type { Command } from './command.ts';

export function programHelp(commands: readonly Command[]): string {
    const width = Math.max(...commands.map(({ name }) => name.length));
    const list = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
    return `sdspec: reproducible Stable Diffusion experiments

A .sdspec file names ingredients (models, pictures, prompts) and the pictures made of them:

    model  sketch = "builtin:sketch"

    generate turtle {
        use     sketch
        prompt  "a photo of a turtle"
        size    128x128
        steps   20
        seed    42
    }

Run it with \`sdspec run turtle.sdspec\`: the picture is put into .sdspec/runs/turtle/ beside the file, together
with a record of everything it was made with. The same file gives the same picture again.

Commands:
${list}

\`sdspec COMMAND --help\` says more about each. Exit codes:
  0    done
  1    a run failed; of verify also: an expectation was not met, or something differs from the lock
  2    the command line was wrong
  3    the spec has errors
  70   a bug in sdspec
  130  stopped by Ctrl-C; finished pictures are kept
  141  a run was stopped because its output was closed, as \`head\` does; finished pictures are kept`;
}

export function commandHelp({ name, arguments: words, summary, help, options }: Command): string {
    const rows = Object.entries({ ...options, help: { short: 'h', help: 'This text.' } }).map(([option, one]) => {
        const { short, value, help: text } = one as Command['options'][string];
        return [`  ${short ? `-${short}, ` : '    '}--${option}${value ? ` ${value}` : ''}`, text] as const;
    });
    const width = Math.max(...rows.map(([left]) => left.length));
    const list = rows.map(
        ([left, text]) => `${left.padEnd(width)}  ${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
    );
    return `sdspec ${[name, words].filter(Boolean).join(' ')}

${summary}

${help}

Options:
${list.join('\n')}`;
}
