/** Messages between the page and its host as they come in: data that could be anything, checked before it is used. */
import type { Adjustment } from '../../language/write/adjust/adjustment.ts';
import type { Curve } from '../../plan/curve.ts';
import { siteOf } from '../../plan/sites.ts';
import { ADJUST_ACTIONS, HOST_ACTIONS, PAGE_ACTIONS, type ToHost, type ToPage } from './messages.ts';
import type { PictureName } from './shown-run.ts';

/** A message from the page, or undefined when it is none. */
export function parseToHost(value: unknown): ToHost | undefined {
    if (!isRecord(value)) return undefined;
    const { kind, key, cell, action, pinned, text, name, data } = value;
    switch (kind) {
        case 'ready':
            return { kind, ...(typeof key === 'string' ? { key } : {}), pinned: pinned === true };
        case 'focus':
        case 'withdraw':
            return { kind };
        case 'other':
            return typeof key === 'string' ? { kind, key } : undefined;
        case 'pin':
            return typeof pinned === 'boolean' ? { kind, pinned } : undefined;
        case 'differences':
            return isName(value['a']) && isName(value['b']) ? { kind, a: value['a'], b: value['b'] } : undefined;
        case 'adjust':
            if (typeof value['open'] !== 'boolean') return undefined;
            return { kind, open: value['open'], ...(typeof key === 'string' ? { key } : {}) };
        case 'adjusted': {
            const adjustment = adjustmentOf(value['adjustment']);
            return adjustment && { kind, adjustment, begins: value['begins'] === true, ends: value['ends'] === true };
        }
        case 'adjusting': {
            const known = ADJUST_ACTIONS.find((one) => one === action);
            const { picture } = value;
            return known && { kind, action: known, ...(typeof picture === 'string' ? { picture } : {}) };
        }
        case 'copy':
            return typeof text === 'string' ? { kind, text } : undefined;
        case 'copied': {
            const { failure } = value;
            return { kind, ...(typeof failure === 'string' ? { failure } : {}) };
        }
        case 'mask': {
            const { feather } = value;
            if (typeof key !== 'string' || !isCell(cell) || !isCell(feather) || !isPng(data)) return undefined;
            return { kind, key, cell, feather, data };
        }
        case 'save': {
            const isData = typeof data === 'string' || data instanceof Uint8Array;
            const isName = typeof name === 'string' && /^[\w-]+\.(png|svg)$/.test(name);
            return typeof key === 'string' && isName && isData ? { kind, key, name, data } : undefined;
        }
        case 'cell':
        case 'viewing':
            return typeof key === 'string' && isCell(cell) ? { kind, key, cell } : undefined;
        case 'act': {
            const known = HOST_ACTIONS.find((one) => one === action);
            return known && typeof key === 'string' && isCell(cell) ? { kind, action: known, key, cell } : undefined;
        }
        default:
            return undefined;
    }
}

/** A message from the host, or undefined when it is none. */
export function parseToPage(value: unknown): ToPage | undefined {
    if (!isRecord(value)) return undefined;
    switch (value['kind']) {
        case 'show':
        case 'other':
            return isShown(value['shown']) ? (value as unknown as ToPage) : undefined;
        case 'starting':
            return { kind: 'starting', ...(typeof value['name'] === 'string' ? { name: value['name'] } : {}) };
        case 'progress':
            return typeof value['key'] === 'string' && isRecord(value['progress']) ? (value as ToPage) : undefined;
        case 'preview':
            return isPreview(value) ? (value as unknown as ToPage) : undefined;
        case 'picture':
            return typeof value['key'] === 'string' && isPicture(value['picture']) ? (value as ToPage) : undefined;
        case 'differences':
            return isName(value['a']) && isName(value['b']) && Array.isArray(value['all'])
                ? (value as ToPage)
                : undefined;
        case 'cell':
            return typeof value['key'] === 'string' && isCellDetails(value['details']) ? (value as ToPage) : undefined;
        case 'adjustable':
            return value['adjustable'] === undefined || isAdjustable(value['adjustable'])
                ? (value as unknown as ToPage)
                : undefined;
        case 'do':
            return PAGE_ACTIONS.some((one) => one === value['action']) ? (value as ToPage) : undefined;
        case 'empty':
            return typeof value['text'] === 'string' ? (value as ToPage) : undefined;
        default:
            return undefined;
    }
}

function isRecord(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCell(value: unknown): value is number {
    return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isName(value: unknown): value is PictureName {
    return isRecord(value) && typeof value['key'] === 'string' && isCell(value['cell']);
}

function isAdjustable(value: unknown): boolean {
    return isRecord(value) && Array.isArray(value['infusions']) && Array.isArray(value['numbers']);
}

/** An adjustment whose layer exists and whose numbers are numbers. */
function adjustmentOf(value: unknown): Adjustment | undefined {
    if (!isRecord(value)) return undefined;
    const { kind, id, infusion, weight } = value;
    if (kind === 'number') {
        const number = value['value'];
        return typeof id === 'string' && isNumber(number) ? { kind, id, value: number } : undefined;
    }
    const site = typeof value['site'] === 'string' ? siteOf(value['site']) : undefined;
    if (kind !== 'layer' || !isCell(infusion) || !site) return undefined;
    if (weight === undefined) return { kind, infusion, site };
    return isCurve(weight) ? { kind, infusion, site, weight } : undefined;
}

function isPng(value: unknown): value is Uint8Array {
    return value instanceof Uint8Array && [0x89, 0x50, 0x4e, 0x47].every((byte, k) => value[k] === byte);
}

function isCurve(value: unknown): value is Curve {
    if (!isRecord(value) || !Array.isArray(value['keys']) || value['keys'].length === 0) return false;
    const isKey = (key: unknown) => isRecord(key) && isNumber(key['at']) && isNumber(key['value']);
    return value['keys'].every(isKey) && ['linear', 'cosine', 'hold'].includes(String(value['easing']));
}

function isNumber(value: unknown): value is number {
    return typeof value === 'number' && Number.isFinite(value);
}

function isShown(value: unknown): boolean {
    return (
        isRecord(value) &&
        typeof value['key'] === 'string' &&
        typeof value['name'] === 'string' &&
        isCell(value['cells']) &&
        Array.isArray(value['pictures']) &&
        value['pictures'].every(isPicture) &&
        Array.isArray(value['axes']) &&
        Array.isArray(value['others']) &&
        (value['scan'] === undefined || isScan(value['scan'])) &&
        (value['parts'] === undefined || isParts(value['parts'])) &&
        isRecord(value['details'])
    );
}

function isCellDetails(value: unknown): boolean {
    return isRecord(value) && isCell(value['cell']) && Array.isArray(value['facts']) && Array.isArray(value['weights']);
}

function isScan(value: unknown): boolean {
    return isRecord(value) && typeof value['axis'] === 'string' && Array.isArray(value['entries']);
}

function isParts(value: unknown): boolean {
    if (!isRecord(value) || !Array.isArray(value['measures'])) return false;
    const { kind, pyramid, stages } = value;
    if (kind === 'mosaic') return isRecord(pyramid) && typeof pyramid['first'] === 'string';
    return (
        kind === 'print' &&
        Array.isArray(stages) &&
        stages.every((one) => isRecord(one) && typeof one['src'] === 'string')
    );
}

function isPicture(value: unknown): boolean {
    return (
        isRecord(value) && isCell(value['cell']) && typeof value['src'] === 'string' && Array.isArray(value['trace'])
    );
}

function isPreview(value: Record<string, unknown>): boolean {
    const { width, height, data } = value;
    if (!isCell(value['cell']) || !isCell(width) || !isCell(height)) return false;
    return data instanceof Uint8Array && data.length === width * height * 3;
}
