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
