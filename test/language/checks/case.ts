/** A case of a check: a text that it reports, at the marked place. The reference page shows them too. */
import type { Severity } from '../../../src/plan/problem.ts';
import type { Files } from '../workbench.ts';

export interface Case {
    readonly code: string;
    readonly severity: Severity;
    /** The spec, with the place in «». */
    readonly text: string;
    /** The spec after the quick fix, where there is one. */
    readonly fixed?: string;
    readonly files?: Files;
}

export function error(code: string, text: string, fixed?: string): Case {
    return make(code, 'error', text, fixed);
}

export function warning(code: string, text: string, fixed?: string): Case {
    return make(code, 'warning', text, fixed);
}

export function information(code: string, text: string, fixed?: string): Case {
    return make(code, 'information', text, fixed);
}

export function hint(code: string, text: string, fixed?: string): Case {
    return make(code, 'hint', text, fixed);
}

/** The same case with files on the disk. */
export function given(files: Files, { ...rest }: Case): Case {
    return { ...rest, files };
}

function make(code: string, severity: Severity, text: string, fixed?: string): Case {
    return { code, severity, text, ...(fixed === undefined ? {} : { fixed }) };
}

/** A model of three levels. */
export const SMALL = {
    'a.png': [64, 64],
    m: 'folder',
    'm/model_index.json': '{}',
    'm/unet/config.json': '{"block_out_channels":[32,64,96],"sample_size":16}',
} as const;
export const ART = { 'a.png': [128, 128], 'b.png': [64, 128], 'mask.png': [128, 128] } as const;

/** A generate around some settings. */
export function g(settings: string): string {
    return `generate a { prompt "a turtle" ${settings} }`;
}

/** The same with a picture declared before. */
export function p(settings: string): string {
    return `image pic = "a.png"\ngenerate a { prompt "a turtle" ${settings} }`;
}
