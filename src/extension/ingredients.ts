/** Ingredients of a spec that is being written: each declared once, under a name that is free. */

const DECLARED = /^\s*(model|lora|embedding|controlnet|upscaler|image|param)\s+(\w+)\s*=\s*(.*?)\s*(?:\/\/.*)?$/gm;
const NAMED = /^\s*(?:prompt|ensemble|layers|weights|generate|sweep|mosaic|print)\s+(\w+)/gm;

export class Ingredients {
    /** The declarations that have to be written. */
    readonly lines: string[] = [];
    private readonly names = new Map<string, string>();
    private readonly taken = new Set<string>();

    /** `existing`: the text that the declarations join; what it declares is not declared again. */
    constructor(existing = '') {
        for (const [, kind, name, value] of existing.matchAll(DECLARED)) {
            this.names.set(`${kind} ${value}`, name!);
            this.taken.add(name!);
        }
        for (const [, name] of existing.matchAll(NAMED)) this.taken.add(name!);
    }

    /** The name of an ingredient with this value, declared where it is not yet. */
    name(kind: string, wanted: string, value: string, comment = ''): string {
        const id = `${kind} ${value}`;
        const known = this.names.get(id);
        if (known) return known;
        const name = this.free(wanted || kind);
        this.names.set(id, name);
        this.lines.push(`${kind} ${name} = ${value}${comment && ` // ${comment}`}`);
        return name;
    }

    /** Declares something with a block; `head` stands between its name and the block. */
    block(kind: string, wanted: string, head: string, lines: readonly string[]): string {
        const name = this.free(wanted);
        const body = lines.map((line) => `    ${line}\n`).join('');
        this.lines.push(`${kind} ${name}${head} {\n${body}}`);
        return name;
    }

    /** A name like the wanted one that nothing has yet. */
    free(wanted: string): string {
        const base = wanted.replace(/\W+/g, '_').replace(/^(\d)/, '_$1');
        let name = base;
        for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
        this.taken.add(name);
        return name;
    }
}
