/** Types of setup.mjs. */
export const ROOT: string;
export function setUp(): Promise<void>;
export function npm(args: readonly string[]): { readonly status: number | null; readonly error?: Error };
