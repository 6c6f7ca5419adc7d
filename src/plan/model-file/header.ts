/**
 * The header of a safetensors file, read entry by entry with limits: https://github.com/huggingface/safetensors#format.
 * `JSON.parse` alone would keep the last of two equal keys, and build whatever a hostile header is large and deep enough for.
 */

/** Headers of models have some hundred kilobytes, those with notes of trainers a few megabytes. */
export const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** The largest models have some thousand tensors. */
const MAX_ENTRIES = 30_000;
const MAX_NAME = 1000;
const MAX_SIDES = 16;
/** Of values that no reader needs, within the metadata or an entry. */
const MAX_DEPTH = 8;

export interface HeaderEntry {
    readonly dtype: string;
    readonly shape: readonly number[];
    /** From the end of the header on, in bytes. */
    readonly offsets: readonly [from: number, to: number];
}

export interface TensorHeader {
    readonly metadata: Readonly<Record<string, string>>;
    readonly entries: ReadonlyMap<string, HeaderEntry>;
}

/** The header's entries, or what is wrong with it, to follow "it is broken: ". */
export function parseHeader(text: string): { readonly header: TensorHeader } | { readonly wrong: string } {
    try {
        return { header: new HeaderReader(text).read() };
    } catch (error) {
        if (error instanceof Wrong) return { wrong: error.message };
        throw error;
    }
}

const COUNT = /\d{1,16}(?![\d.eE])/y;
const VALUE = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \n\r\t]*/y;

class Wrong extends Error {}

class HeaderReader {
    readonly #text: string;
    #at = 0;

    constructor(text: string) {
        this.#text = text;
    }

    read(): TensorHeader {
        const entries = new Map<string, HeaderEntry>();
        let metadata: Readonly<Record<string, string>> | undefined;
        this.#members((name) => {
            if (entries.has(name) || (name === '__metadata__' && metadata))
                throw new Wrong(`the entry "${name}" occurs twice`);
            if (name === '__metadata__') metadata = this.#metadata();
            else entries.set(name, this.#entry(name));
            if (entries.size > MAX_ENTRIES) throw new Wrong(`it has more than ${MAX_ENTRIES} tensors`);
        });
        this.#space();
        if (this.#at < this.#text.length) throw this.#noJson();
        return { metadata: metadata ?? {}, entries };
    }

    #entry(name: string): HeaderEntry {
        const wrong = (what: string) => new Wrong(`the entry "${name}" ${what}`);
        let dtype: string | undefined;
        let shape: readonly number[] | undefined;
        let offsets: readonly number[] | undefined;
        if (this.#peek() !== '{') throw wrong('is not an object');
        const seen = new Set<string>();
        this.#members((key) => {
            if (seen.has(key)) throw wrong(`has "${key}" twice`);
            if (seen.add(key).size > MAX_SIDES) throw wrong('has too many fields');
            if (key === 'dtype') dtype = this.#string(() => wrong('has no type'));
            else if (key === 'shape') shape = this.#counts(() => wrong('has no valid shape'));
            else if (key === 'data_offsets') offsets = this.#counts(() => wrong('has no valid offsets'));
            else this.#skip(0);
        });
        const [from, to, ...more] = offsets ?? [];
        if (dtype === undefined) throw wrong('has no type');
        if (!shape) throw wrong('has no valid shape');
        if (from === undefined || to === undefined || more.length > 0) throw wrong('has no valid offsets');
        return { dtype, shape, offsets: [from, to] };
    }

    /** Values that are no text are left out. */
    #metadata(): Readonly<Record<string, string>> {
        const values = new Map<string, string>();
        if (this.#peek() !== '{') {
            this.#skip(0);
            return {};
        }
        this.#members((key) => {
            if (values.has(key)) throw new Wrong(`the entry "${key}" of its metadata occurs twice`);
            if (values.size > MAX_ENTRIES) throw new Wrong(`its metadata has more than ${MAX_ENTRIES} entries`);
            if (this.#peek() === '"')
                values.set(
                    key,
                    this.#string(() => this.#noJson()),
                );
            else this.#skip(0);
        });
        return Object.fromEntries(values);
    }

    /** `{ "key": value, … }`: `read` is called at each value. */
    #members(read: (key: string) => void): void {
        this.#expect('{');
        if (this.#peek() === '}') {
            this.#at += 1;
            return;
        }
        while (true) {
            const key = this.#string(() => this.#noJson());
            if (key.length > MAX_NAME) throw new Wrong(`it has a name of ${key.length} characters`);
            this.#expect(':');
            read(key);
            if (this.#peek() !== ',') break;
            this.#at += 1;
        }
        this.#expect('}');
    }

    #counts(wrong: () => Wrong): readonly number[] {
        if (this.#peek() !== '[') throw wrong();
        this.#at += 1;
        const counts: number[] = [];
        if (this.#peek() === ']') {
            this.#at += 1;
            return counts;
        }
        while (true) {
            this.#space();
            COUNT.lastIndex = this.#at;
            const count = COUNT.exec(this.#text)?.[0];
            if (count === undefined || !Number.isSafeInteger(Number(count)) || counts.length >= MAX_SIDES)
                throw wrong();
            counts.push(Number(count));
            this.#at += count.length;
            const next = this.#peek();
            this.#at += 1;
            if (next === ']') return counts;
            if (next !== ',') throw wrong();
        }
    }

    #string(wrong: () => Wrong): string {
        if (this.#peek() !== '"') throw wrong();
        const start = this.#at;
        let end = start + 1;
        while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
        if (end >= this.#text.length) throw this.#noJson();
        this.#at = end + 1;
        const literal = this.#text.slice(start, end + 1);
        try {
            return JSON.parse(literal) as string;
        } catch {
            throw this.#noJson();
        }
    }

    /** A value that no one needs. */
    #skip(depth: number): void {
        if (depth > MAX_DEPTH) throw new Wrong('its header is nested too deeply');
        const next = this.#peek();
        if (next === '"') this.#string(() => this.#noJson());
        else if (next === '{') this.#members(() => this.#skip(depth + 1));
        else if (next === '[') {
            this.#at += 1;
            if (this.#peek() === ']') {
                this.#at += 1;
                return;
            }
            do this.#skip(depth + 1);
            while (this.#taken(','));
            this.#expect(']');
        } else {
            VALUE.lastIndex = this.#at;
            const found = VALUE.exec(this.#text)?.[0];
            if (found === undefined) throw this.#noJson();
            this.#at += found.length;
        }
    }

    #taken(sign: string): boolean {
        if (this.#peek() !== sign) return false;
        this.#at += 1;
        return true;
    }

    #expect(sign: string): void {
        if (!this.#taken(sign)) throw this.#noJson();
    }

    #peek(): string | undefined {
        this.#space();
        return this.#text[this.#at];
    }

    #space(): void {
        SPACE.lastIndex = this.#at;
        this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
    }

    #noJson(): Wrong {
        return new Wrong(`its header is not JSON at character ${this.#at + 1}`);
    }
}
