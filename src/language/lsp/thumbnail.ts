/** Thumbnails: a picture within a hover or completion, with its size. */
import { type URI, UriUtils } from 'langium';
import type { Files } from './files.ts';
import { escapeMarkdown, linkTarget } from './markdown.ts';

/** Pixels of the longer side. */
const SIDE = 192;

/** Markdown that shows a picture file. */
export function thumbnail(files: Files, uri: URI): string {
    const size = files.pictureSize(uri.toString());
    const side = size && size.height > size.width ? 'height' : 'width';
    const words = size ? `${size.width} x ${size.height} pixels` : 'a picture that cannot be read';
    // The pipe is the editors' notation for a picture's size in Markdown.
    const image = size
        ? `![${escapeMarkdown(UriUtils.basename(uri))}](${linkTarget(uri.toString())}|${side}=${SIDE})\n\n`
        : '';
    return `${image}${words}`;
}
