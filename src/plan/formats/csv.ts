/** Tables as CSV, as spreadsheets and data frames read it (RFC 4180). */

/** One line with its line end. Cells with commas, quotes or line ends are quoted. */
export function csvLine(cells: readonly (string | number)[]): string {
    return `${cells.map((cell) => quoted(String(cell))).join(',')}\r\n`;
}

function quoted(cell: string): string {
    return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
