/** Measures of a sweep as its record holds them. */
import type { Statistics } from './statistics.ts';

/** What a record says about the measures of a sweep. */
export interface RecordedMeasures {
    /** Names of the measures, in their order. */
    readonly names: readonly string[];
    /** Their values by picture; null where there is none, as for the way to where one is already. */
    readonly cells: readonly { readonly cell: number; readonly values: readonly (number | null)[] }[];
    readonly means?: RecordedMeans;
    /** Tables for programs and for readers, relative to the run's folder. */
    readonly files: readonly string[];
    /** Digest of all that the numbers depend on: pictures, measures, and what they are compared with. */
    readonly basis: string;
}

export interface RecordedMeans {
    readonly over: string;
    readonly rows: readonly {
        /** Values of the other axes. */
        readonly labels: Readonly<Record<string, string>>;
        readonly values: readonly (Statistics | null)[];
    }[];
}
