/** A dropped picture's name and place in a spec. */
import { expect, it } from 'vitest';
import { declarableName, lineForDeclaration } from '../../../src/extension/new-spec/declaration.ts';

it.each([
    ['turtle', 'turtle'],
    ['My Turtle (2)', 'my-turtle-2'],
    ['0001-house', 'house'],
    ['image', 'image-picture'],
    ['Größe', 'gr-e'],
    ['日本', 'picture'],
    ['taken', 'taken-2'],
])('%s is declared as %s', (file, name) => expect(declarableName(file, new Set(['taken']))).toBe(name));

it.each([
    ['', 0],
    ['model m = "builtin:sketch"\n\ngenerate a {\n    image\n}\n', 1],
    ['import { a } from "./b.sdspec"\nimage c = "./c.png"\n\ngenerate a {}\n', 2],
    ['generate a {}\n', 0],
])('is written below what is declared in one line: %j', (text, line) => expect(lineForDeclaration(text)).toBe(line));
