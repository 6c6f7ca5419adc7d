/** `sdspec lock`: writes down what specs were made with and what they made. */
import type { Command } from '../command.ts';
import { RUN_OPTIONS } from './run.ts';
import { verify } from './verify.ts';

export const lock: Command = {
    name: 'lock',
    arguments: 'FILE [NAME…]',
    summary: 'Writes sdspec.lock: digests of models, inputs and pictures, to be committed.',
    help: `Makes what is missing and writes one line for each file of a model, each input and each picture, the latter with the
environment in which its bits were made. \`sdspec verify\` compares with it.

Example:
  sdspec lock turtle.sdspec && git add sdspec.lock`,
    options: RUN_OPTIONS,
    run: (call) => verify.run({ ...call, flag: (name) => name === 'update' || call.flag(name) }),
};
