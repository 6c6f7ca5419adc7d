/** Ingredients of a spec that is being written: each declared once, under a name that is free. */
import { KEYWORDS } from '../generated/keywords.ts';

/** What the language takes as a name, its own words apart. */
const NAME = /^[A-Za-z_]\w*(-\w+)*$/;

/** Whether a declaration may have this name. */
export function isName(text: string): boolean {
    return NAME.test(text) && !(KEYWORDS as readonly string[]).includes(text);
}

/** A name that a text has already. */
export interface NameInUse {
    readonly name: string;
    /** Where an ingredient may be used again: its keyword and value, `model "builtin:sketch"`. */
    readonly declares?: string;
}

export class Ingredients {
    /** Whether what is so by default is left out. */
    readonly isBrief: boolean = false;
    private readonly lines: string[] = [];
    /** Pictures that others are made of, each after those that it needs itself. */
    private readonly pictures: string[] = [];
    private readonly names = new Map<string, string>();
    private readonly taken = new Set<string>(KEYWORDS);

    /** `existing`: the names of the text that the declarations join; what it declares is not declared again. */
    constructor(existing: readonly NameInUse[] = []) {
        for (const { name, declares } of existing) {
            if (declares !== undefined) this.names.set(declares, name);
            this.taken.add(name);
        }
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

    /** Declares something with a block; `head` is between its name and the block. */
    block(kind: string, wanted: string, head: string, lines: readonly string[]): string {
        const name = this.free(wanted);
        const body = lines.map((line) => `    ${line}\n`).join('');
        this.lines.push(`${kind} ${name}${head} {\n${body}}`);
        return name;
    }

    /** The name of a picture that the spec itself makes; `write` gives its `generate` under that name. */
    picture(wanted: string, id: string, write: (name: string) => string): string {
        const known = this.names.get(id);
        if (known) return known;
        const name = this.free(wanted);
        this.names.set(id, name);
        this.pictures.push(write(name));
        return name;
    }

    /** Keeps a name just as it is for what is being written. */
    reserve(name: string): void {
        this.taken.add(name);
    }

    /** What is written last, below all that it needs. */
    above(runnable: string): string {
        const declarations = this.lines.length > 0 ? [`${this.lines.join('\n')}\n`] : [];
        return [...declarations, ...this.pictures, runnable].join('\n');
    }

    /** A name like the wanted one that nothing has yet, and that is no word of the language. */
    free(wanted: string): string {
        const base = NAME.test(wanted) ? wanted : wanted.replace(/\W+/g, '_').replace(/^(?!\D)/, '_');
        let name = base;
        for (let n = 2; this.taken.has(name); n++) name = `${base}_${n}`;
        this.taken.add(name);
        return name;
    }
}

/** For readers: an ingredient is its source, a picture that is made is its name, and what is so by default is left out. */
export class Sources extends Ingredients {
    override readonly isBrief = true;

    override name(_kind: string, _wanted: string, value: string): string {
        return value;
    }

    override block(_kind: string, _wanted: string, _head: string, lines: readonly string[]): string {
        return lines.map((line) => line.trim()).join(', ');
    }

    override picture(wanted: string): string {
        return wanted;
    }
}
