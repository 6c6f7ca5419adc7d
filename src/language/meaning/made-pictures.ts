/** Pictures that the spec itself makes, and images that are drawn from them: which are meant, and how that is said. */
import * as ast from '../generated/ast.ts';

/** What to write where a generate makes several pictures and nothing says which of them is meant. */
export function severalSeeds(name: string, seeds: readonly number[]): string {
    const words = [
        `\`${name} each\` (seed by seed)`,
        `\`${name} all\` (their mean)`,
        `\`${name} with seed ${seeds[0]}\``,
    ];
    return `\`${name}\` makes ${seeds.length} pictures, and nothing says which is meant: write ${words[0]}, ${words[1]} or ${words[2]}.`;
}

export function noSuchSeed(name: string, wanted: readonly number[], seeds: readonly number[]): string {
    return `\`${name}\` makes no picture with seed ${wanted.join(', ')}: it has ${seedsInWords(seeds)}.`;
}

/** `seed 5`, `seeds 1 to 4`, `seeds 7, 11, 19`. */
function seedsInWords(seeds: readonly number[]): string {
    const [first = 0] = seeds;
    if (seeds.length === 1) return `seed ${first}`;
    const run = seeds.length > 2 && seeds.every((seed, k) => seed === first + k);
    return run
        ? `seeds ${first} to ${seeds.at(-1)}`
        : `seeds ${seeds.slice(0, 8).join(', ')}${seeds.length > 8 ? ' …' : ''}`;
}

/** The image that the edges of an image are taken of; undefined for a file, and for edges of what a generate makes. */
export function imageBehind({ edges }: ast.Image): ast.Image | undefined {
    const source = edges?.picture?.ref;
    return ast.isImage(source) ? source : undefined;
}
