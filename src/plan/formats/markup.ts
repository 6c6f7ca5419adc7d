/** Text within HTML, SVG and Pango markup. */

/** Text as it is, whatever signs it has: in elements and in attributes. */
export function escaped(text: string): string {
    return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
