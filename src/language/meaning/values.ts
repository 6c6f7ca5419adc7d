/** Values with their units: `512x768`, `60%`, `12px`, `30x40cm`, `240dpi`, `90s`, `sha256:…`. */
import type { Size } from '../../plan/plan.ts';

/** Width and height; the unit is '' for pixels and plain counts. */
export function sizeOf(text: string): Size & { readonly unit: string } {
    const [, width, height, unit] = /^([\d.]+)x([\d.]+)(\D*)$/.exec(text) ?? [];
    return { width: Number(width), height: Number(height), unit: unit ?? '' };
}

/** `60%` as 0.6. */
export function shareOf(text: string): number {
    return Number(text.replace('%', '')) / 100;
}

export interface Quantity {
    readonly value: number;
    readonly unit: string;
}

/** `12px` as 12 and px, `240dpi` as 240 and dpi, `90s` as 90 and s. */
export function quantityOf(text: string): Quantity {
    const [, value, unit] = /^([\d.]+)(\D*)$/.exec(text) ?? [];
    return { value: Number(value), unit: unit ?? '' };
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60 };

export function secondsOf(text: string): number {
    const { value, unit } = quantityOf(text);
    return value * (SECONDS[unit] ?? 1);
}

const CENTIMETRES: Readonly<Record<string, number>> = { cm: 1, mm: 0.1, in: 2.54 };

/** A paper size in centimetres; undefined when it has no unit of length. */
export function paperOf(text: string): Size | undefined {
    const { width, height, unit } = sizeOf(text);
    const factor = CENTIMETRES[unit];
    return factor === undefined ? undefined : { width: width * factor, height: height * factor };
}

/** A length in centimetres; undefined for pixels. */
export function centimetresOf(text: string): number | undefined {
    const { value, unit } = quantityOf(text);
    const factor = CENTIMETRES[unit];
    return factor === undefined ? undefined : value * factor;
}

export interface WrittenDigest {
    readonly kind: 'sha256' | 'phash';
    readonly hex: string;
}

export function writtenDigest(text: string): WrittenDigest {
    const [kind, hex] = text.split(':');
    return { kind: kind === 'phash' ? 'phash' : 'sha256', hex: (hex ?? '').toLowerCase() };
}

/** How many hex digits a whole digest has. */
export const DIGEST_LENGTH: Readonly<Record<WrittenDigest['kind'], number>> = { sha256: 64, phash: 16 };
