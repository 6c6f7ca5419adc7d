/** Problems as SARIF 2.1.0, which code scanners read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import { version } from '../../package.json';
import { editsOf, type Fix, type Place, type Problem, type Severity } from '../plan/problem.ts';
import { fileName } from './problems.ts';

const LEVELS: Readonly<Record<Severity, string>> = {
    error: 'error',
    warning: 'warning',
    information: 'note',
    hint: 'note',
};

/** The whole log, ready for `JSON.stringify`. */
export function sarifLog(problems: readonly Problem[]): object {
    const codes = [...new Set(problems.map(({ code }) => code))].sort();
    const rules = codes.map((code) => ({ id: code, name: nameOfRule(code), shortDescription: { text: code } }));
    const driver = { name: 'sdspec', version, semanticVersion: version, rules };
    const results = problems.map((problem) => ({
        ruleId: problem.code,
        ruleIndex: codes.indexOf(problem.code),
        level: LEVELS[problem.severity],
        message: { text: problem.message },
        locations: [{ physicalLocation: locationOf(problem.where) }],
        ...(problem.fix ? { fixes: [fixOf(problem.fix)] } : {}),
    }));
    return {
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
    };
}

/** `seed/range` as `SeedRange`: names of rules are words in Pascal case. */
function nameOfRule(code: string): string {
    return code.replace(/(^|[/-])([a-z])/g, (_, _mark, letter: string) => letter.toUpperCase());
}

function fixOf(fix: Fix): object {
    const replacements = editsOf(fix).map(({ where, newText }) => {
        return { deletedRegion: regionOf(where), insertedContent: { text: newText } };
    });
    return {
        description: { text: fix.title },
        artifactChanges: [{ artifactLocation: artifactOf(fix.where), replacements }],
    };
}

function locationOf(place: Place): object {
    return { artifactLocation: artifactOf(place), region: regionOf(place) };
}

/** Relative to where sdspec was called, as an address; files elsewhere by their whole address. */
function artifactOf({ uri }: Place): object {
    const name = fileName(uri).replaceAll('\\', '/');
    return { uri: /^(\.\.|\/|[A-Za-z]:)/.test(name) ? uri : encodeURI(name) };
}

/** Lines and columns from 1; an end is behind the last character. */
function regionOf({ start, end }: Place): object {
    return {
        startLine: start.line + 1,
        startColumn: start.character + 1,
        endLine: end.line + 1,
        endColumn: end.character + 1,
    };
}
