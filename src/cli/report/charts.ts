/** Curves as SVG: a measure over an axis, or a loss over steps. */
import { escaped } from '../../plan/formats/markup.ts';

export interface ChartLine {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Chart {
    readonly title: string;
    readonly across: string;
    /** What is written under places of the axis. */
    readonly ticks: readonly { readonly x: number; readonly label: string }[];
    readonly lines: readonly ChartLine[];
    /** Whether points have marks: few values, which are all that was measured. */
    readonly marks: boolean;
}

const [WIDTH, HEIGHT] = [640, 260];
const AREA = { left: 58, right: 150, top: 14, bottom: 40 };
/** Okabe and Ito: distinct for readers who see few colours; dashes for print without any. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#7f7f7f'];
const DASHES = ['', '6 3', '2 3', '8 3 2 3', '', '6 3', '2 3', '8 3 2 3'];

/** So many lines are distinct. */
export const MAX_LINES = COLOURS.length;

export function chartOf({ title, across, ticks, lines, marks }: Chart): string {
    const xs = lines.flatMap(({ points }) => points.map(({ x }) => x));
    const ys = lines.flatMap(({ points }) => points.map(({ y }) => y));
    if (xs.length < 2) return '';
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const scale = niceScale(Math.min(...ys), Math.max(...ys));
    const x = (value: number) => AREA.left + ((value - left) / (right - left || 1)) * (WIDTH - AREA.left - AREA.right);
    const y = (value: number) =>
        HEIGHT -
        AREA.bottom -
        ((value - scale.least) / (scale.most - scale.least || 1)) * (HEIGHT - AREA.top - AREA.bottom);
    const at = (value: number) => value.toFixed(1);
    const grid = scale.values.map(
        (value) =>
            `<line class="grid" x1="${AREA.left}" x2="${WIDTH - AREA.right}" y1="${at(y(value))}" y2="${at(y(value))}"/><text x="${AREA.left - 6}" y="${at(y(value) + 4)}" text-anchor="end">${value}</text>`,
    );
    const shown = ticks.length <= 12 ? ticks : ticks.filter((_, k) => k % Math.ceil(ticks.length / 12) === 0);
    const labels = shown.map(
        ({ x: value, label }) =>
            `<text x="${at(x(value))}" y="${HEIGHT - AREA.bottom + 16}" text-anchor="middle">${escaped(label)}</text>`,
    );
    const drawn = lines.map(({ name, points }, k) => {
        const colour = COLOURS[k % COLOURS.length];
        const path = points.map((point) => `${at(x(point.x))},${at(y(point.y))}`).join(' ');
        const dots = marks
            ? points.map((point) => `<circle cx="${at(x(point.x))}" cy="${at(y(point.y))}" r="2.5" fill="${colour}"/>`)
            : [];
        const row = AREA.top + 8 + k * 18;
        const key =
            lines.length > 1 || name !== ''
                ? `<line x1="${WIDTH - AREA.right + 12}" x2="${WIDTH - AREA.right + 34}" y1="${row}" y2="${row}" stroke="${colour}" stroke-width="2" stroke-dasharray="${DASHES[k % DASHES.length]}"/><text x="${WIDTH - AREA.right + 40}" y="${row + 4}">${escaped(name)}</text>`
                : '';
        return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-dasharray="${DASHES[k % DASHES.length]}"/>${dots.join('')}${key}`;
    });
    const axis = `<text x="${(AREA.left + WIDTH - AREA.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escaped(across)}</text>`;
    return `<figure class="chart"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(`${title} over ${across}`)}">${[...grid, ...labels, ...drawn, axis].join('')}</svg><figcaption>${escaped(title)}</figcaption></figure>`;
}

/** Round values that span the numbers. */
function niceScale(least: number, most: number): { least: number; most: number; values: readonly number[] } {
    const span = most - least || Math.abs(most) || 1;
    const rough = span / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? power;
    const first = Math.floor(least / step);
    const last = Math.max(first + 1, Math.ceil(most / step));
    const values = Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
    return { least: values[0]!, most: values.at(-1)!, values };
}
