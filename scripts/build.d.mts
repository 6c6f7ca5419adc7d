/** Types of build.mjs. */
export interface BuildOptions {
    /** Bundles by name; all by default. */
    readonly names?: readonly string[];
    /** Further bundles that run in Node. */
    readonly more?: readonly { readonly name: string; readonly from: string; readonly to: string }[];
    readonly outdir?: string;
    readonly minify?: boolean;
}

export function build(options?: BuildOptions): Promise<{ built: string[]; skipped: string[] }>;
