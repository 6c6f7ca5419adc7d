/** The fields of a configuration, read with what they must be; an error names the file and the field. */
import { ModelError } from './model-error.ts';

/** Raw JSON of a `config.json`. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** Typed access to raw fields; every failure names the file, the field and its value. */
export function fields(raw: RawConfig, where: string) {
    const unsupported = (name: string) =>
        new ModelError(
            'model/unsupported',
            raw[name] === undefined
                ? `${where}: ${name} is missing, and its usual value does not fit the others.`
                : `${where}: ${name} ${JSON.stringify(raw[name])} is not supported.`,
        );
    const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
    return {
        unsupported,
        /** Only the listed values (or an absent field) are known to be computed right. */
        refuse(known: Readonly<Record<string, readonly unknown[]>>): void {
            for (const [name, values] of Object.entries(known)) {
                const value = raw[name];
                if (value !== undefined && value !== null && !values.includes(value)) throw unsupported(name);
            }
        },
        count(name: string, standard: number): number {
            const value = raw[name] ?? standard;
            if (!isCount(value)) throw unsupported(name);
            return value;
        },
        number(name: string, standard: number): number {
            const value = raw[name] ?? standard;
            if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupported(name);
            return value;
        },
        flag(name: string, standard: boolean): boolean {
            const value = raw[name] ?? standard;
            if (typeof value !== 'boolean') throw unsupported(name);
            return value;
        },
        counts(name: string, standard: readonly number[]): readonly number[] {
            const value = raw[name] ?? standard;
            if (!Array.isArray(value) || value.length === 0 || !value.every(isCount)) throw unsupported(name);
            return value;
        },
        perLevel(name: string, standard: number, levels: number): readonly number[] {
            const value = raw[name] ?? standard;
            if (isCount(value)) return Array(levels).fill(value);
            if (Array.isArray(value) && value.length === levels && value.every(isCount)) return value;
            throw unsupported(name);
        },
        names(name: string, known: readonly string[], levels: number): readonly string[] {
            const value = raw[name] ?? defaultBlocks(known, levels);
            if (!Array.isArray(value) || value.length !== levels) throw unsupported(name);
            if (!value.every((type) => known.includes(type))) throw unsupported(name);
            return value;
        },
    };
}

/** All levels but the coarsest have attention: the last on the way down, the first on the way up. */
function defaultBlocks(known: readonly string[], levels: number): readonly string[] {
    const [first, second = first] = known as [string, string?];
    const coarsest = first.includes('Up') ? 0 : levels - 1;
    return Array.from({ length: levels }, (_, level) => (level === coarsest ? second : first));
}
