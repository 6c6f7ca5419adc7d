/** The terminals of the grammar, in words: regular expressions are for machines. */

export interface Value {
    readonly name: string;
    readonly doc: string;
    readonly examples: readonly string[];
}

export const VALUES: readonly Value[] = [
    {
        name: 'ID',
        doc: 'A name: letters, digits and `_`, with single `-` between them.',
        examples: ['tower', 'new-sky', 'sd15'],
    },
    {
        name: 'STRING',
        doc: 'Words in quotes on one line, or in three quotes over several. `\\"`, `\\\\`, `\\{`, `\\<` are the characters themselves, `\\n` and `\\t` a new line and a tab, `\\u202e` the character of that number.',
        examples: ['"a turtle"', '"""several\nlines"""'],
    },
    {
        name: 'NUMBER',
        doc: 'A number, with a sign, decimals and an exponent where needed.',
        examples: ['42', '-0.05', '1e-3'],
    },
    {
        name: 'SIZE',
        doc: 'Width and height: pixels, or with `cm`, `mm` or `in` paper; columns and rows for a grid.',
        examples: ['512x768', '30x40cm', '16x16'],
    },
    { name: 'PERCENT', doc: 'A part of the steps.', examples: ['0%', '62.5%'] },
    { name: 'LENGTH', doc: 'A length with its unit.', examples: ['12px', '2cm', '5mm', '1in'] },
    { name: 'DENSITY', doc: 'Dots per inch.', examples: ['240dpi'] },
    { name: 'DURATION', doc: 'A time with its unit.', examples: ['250ms', '90s', '5min'] },
    {
        name: 'DIGEST',
        doc: "A digest in hexadecimal digits: `sha256` of a file's bytes, but in `expect` and in the lock's outputs of a picture's pixels, which is not what `sha256sum` says of the PNG; `phash` is the perceptual hash of a picture.",
        examples: ['sha256:9aba26ab…', 'phash:c3d2e1f0a1b2c3d4'],
    },
    { name: 'DOTTED', doc: 'The name of a layer with parts.', examples: ['down.1', 'up.2.attn.0', 'skip[3]'] },
    {
        name: 'GLOB',
        doc: 'Several layers at once: `*` is all stages, without the skips; `skip.*` is all skips.',
        examples: ['down.*', 'IN*', '*'],
    },
    { name: 'TEXT_START', doc: 'A string up to its first `{param}` or `<embedding>`.', examples: ['"a {'] },
    { name: 'TEXT_MIDDLE', doc: 'The string between two of them.', examples: ['} and <'] },
    { name: 'TEXT_END', doc: 'The rest of the string.', examples: ['> tower"'] },
    { name: 'BLOCK_START', doc: 'The same for strings in three quotes.', examples: ['"""a {'] },
    { name: 'BLOCK_MIDDLE', doc: 'The same for strings in three quotes.', examples: ['} and <'] },
    { name: 'BLOCK_END', doc: 'The same for strings in three quotes.', examples: ['> tower"""'] },
];
