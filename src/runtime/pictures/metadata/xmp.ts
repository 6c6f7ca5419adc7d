/** XMP: the text of JPEG, WebP, AVIF and PNG files in which some tools (Draw Things, sites) keep the user's comment. */

const LONGEST = 4 * 1024 * 1024;
const COMMENT = /<exif:UserComment>([\s\S]*?)<\/exif:UserComment>|\bexif:UserComment="([^"]*)"/;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The user's comment as `comment`, as EXIF has it. */
export function xmpTexts(xmp: string): Readonly<Record<string, string>> {
    if (xmp.length > LONGEST) return {};
    const [, element, attribute] = COMMENT.exec(xmp) ?? [];
    const inner =
        element === undefined ? attribute : (/<rdf:li[^>]*>([\s\S]*?)<\/rdf:li>/.exec(element)?.[1] ?? element);
    const comment = inner === undefined ? '' : unescaped(inner.replace(/^\s*<!\[CDATA\[|\]\]>\s*$/g, '')).trim();
    return comment === '' ? {} : { comment };
}

function unescaped(text: string): string {
    return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (whole, hex, decimal, name) => {
        if (name) return ENTITIES[(name as string).toLowerCase()] ?? whole;
        const code = hex ? Number.parseInt(hex as string, 16) : Number(decimal);
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    });
}
