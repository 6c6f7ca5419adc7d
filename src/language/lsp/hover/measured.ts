/** What the user's own scans measured of a layer: read from the records of the newest runs of a spec's scans. */
import { type LangiumDocument, UriUtils } from 'langium';
import { RUNS_FOLDER } from '../../../plan/run.ts';
import { type Site, siteOf } from '../../../plan/sites.ts';
import * as ast from '../../generated/ast.ts';
import type { Files } from '../files.ts';
import { escapeMarkdown } from '../markdown.ts';

/** The measures of one layer in one scan, as means over its rows. */
export interface LayerMeasure {
    /** Names of the sweep and, where something was infused, of the bias picture. */
    readonly sweep: string;
    readonly bias: string | undefined;
    readonly moved: number;
    readonly ssim: number;
    readonly towards: number | undefined;
    /** Its place among the layers of the scan, by how far they moved the picture; 1 is the farthest. */
    readonly rank: number;
    readonly of: number;
}

/** As much of a record as is read here. */
interface ScanRecord {
    readonly started?: string;
    readonly scan?: readonly {
        readonly label: string;
        readonly moved: number;
        readonly ssim: number;
        readonly towards?: number;
    }[];
}

/** More scans than this would hide what is published. */
const MAX_LINES = 4;

/** By layer: what each scan of the document measured when it was run last. */
export function measuredLayers(document: LangiumDocument, files: Files): ReadonlyMap<Site, readonly LayerMeasure[]> {
    const found = new Map<Site, LayerMeasure[]>();
    const { declarations } = document.parseResult.value as ast.Spec;
    for (const sweep of declarations.filter(ast.isSweep)) {
        const axis = sweep.items.find((item) => ast.isScanAxis(item) || ast.isScaleAxis(item));
        const scan = axis && newestScan(document, sweep.name, files);
        if (!scan) continue;
        const bias = ast.isScanAxis(axis) ? axis.picture?.$refText : undefined;
        const means = meansOf(scan).sort((a, b) => b.moved - a.moved);
        for (const [k, { label, ...measures }] of means.entries()) {
            const site = siteOf(label);
            if (!site) continue;
            const own = found.get(site) ?? [];
            own.push({ sweep: sweep.name, bias, ...measures, rank: k + 1, of: means.length });
            found.set(site, own);
        }
    }
    return found;
}

/** Lines for the hover of a layer. */
export function measuredLines(measures: readonly LayerMeasure[]): readonly string[] {
    return measures.slice(0, MAX_LINES).map(({ sweep, bias, moved, ssim, towards, rank, of }) => {
        const share =
            towards === undefined
                ? ''
                : `, ${Math.abs(100 * towards).toFixed(0)} % ${towards < 0 ? 'away from' : 'towards'} ${bias ? `\`${escapeMarkdown(bias)}\`` : 'the bias picture'}`;
        return `- \`${sweep}\`: moved ${moved.toFixed(2)}, SSIM ${ssim.toFixed(2)}${share} (${rank} of ${of} by effect)`;
    });
}

/** The scan of the newest run of a sweep that was measured. */
function newestScan(
    document: LangiumDocument,
    name: string,
    files: Files,
): NonNullable<ScanRecord['scan']> | undefined {
    const base = files.folderOf(document.uri);
    if (!base) return undefined;
    const records = files
        .list(UriUtils.resolvePath(base, RUNS_FOLDER, name))
        .filter(({ folder }) => folder)
        .flatMap(({ uri }) => scanIn(files.readText(UriUtils.resolvePath(uri, 'record.json').toString())) ?? []);
    return records.sort((a, b) => ((a.started ?? '') < (b.started ?? '') ? 1 : -1))[0]?.scan;
}

function scanIn(text: string | undefined): ScanRecord | undefined {
    if (!text?.includes('"scan"')) return undefined;
    try {
        const record = JSON.parse(text) as ScanRecord;
        const isScan = Array.isArray(record.scan) && record.scan.every(isMeasure) && record.scan.length > 0;
        return isScan ? record : undefined;
    } catch {
        return undefined;
    }
}

function isMeasure(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const { label, moved, ssim } = value as Record<string, unknown>;
    return typeof label === 'string' && typeof moved === 'number' && typeof ssim === 'number';
}

function meansOf(scan: NonNullable<ScanRecord['scan']>) {
    const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
    return [...new Set(scan.map(({ label }) => label))].map((label) => {
        const own = scan.filter((one) => one.label === label);
        const towards = own.flatMap((one) => (typeof one.towards === 'number' ? [one.towards] : []));
        return {
            label,
            moved: mean(own.map(({ moved }) => moved)),
            ssim: mean(own.map(({ ssim }) => ssim)),
            towards: towards.length > 0 ? mean(towards) : undefined,
        };
    });
}
