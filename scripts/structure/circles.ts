/** Import circles: sets of files that all reach each other (Tarjan 1972, strongly connected components). */
import type { Import } from './imports.ts';

/** Circles of two files or more, each sorted by name, the largest first. */
export function circlesOf(imports: readonly Import[]): readonly (readonly string[])[] {
    const next = byFile(imports);
    const order = new Map<string, number>();
    const lowest = new Map<string, number>();
    const stack: string[] = [];
    const circles: string[][] = [];

    function visit(file: string): void {
        order.set(file, order.size);
        lowest.set(file, order.get(file)!);
        stack.push(file);
        for (const { to } of next.get(file) ?? []) {
            if (!order.has(to)) visit(to);
            if (stack.includes(to)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(to)!));
        }
        if (lowest.get(file) !== order.get(file)) return;
        const circle = stack.splice(stack.indexOf(file)).sort();
        if (circle.length > 1) circles.push(circle);
    }

    for (const file of next.keys()) if (!order.has(file)) visit(file);
    return circles.sort((a, b) => b.length - a.length || a[0]!.localeCompare(b[0]!));
}

function byFile(imports: readonly Import[]): ReadonlyMap<string, readonly Import[]> {
    const found = new Map<string, Import[]>();
    for (const one of imports) found.set(one.from, [...(found.get(one.from) ?? []), one]);
    return found;
}
