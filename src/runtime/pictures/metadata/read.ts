/** Reads how a picture was made from its file, whichever tool made it. */
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type Origin, originOf } from '../../../plan/origin.ts';
import { PictureError } from '../picture.ts';
import { isPng, textsOf } from '../png-text.ts';
import { readParameters } from './automatic1111.ts';
import { readComfyGraph } from './comfyui.ts';
import { userComment } from './exif.ts';
import { readInvokeLegacy, readInvokeMetadata } from './invokeai.ts';

/**
 * PNG files with texts, JPEG and WebP files with an EXIF comment. Undefined where the file does not say.
 * @throws PictureError `picture/missing` or `picture/unreadable`.
 */
export async function readOrigin(path: string): Promise<Origin | undefined> {
    try {
        return await originIn(await readFile(path));
    } catch (cause) {
        if (cause instanceof PictureError) throw cause;
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
            throw new PictureError('picture/missing', `There is no picture at ${path}.`, { cause });
        }
        throw new PictureError('picture/unreadable', `${path} is no picture that can be read.`, { cause });
    }
}

/** The same for the bytes of a file. */
export async function originIn(bytes: Uint8Array): Promise<Origin | undefined> {
    if (isPng(bytes)) return originFrom(textsOf(bytes));
    const { exif } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const comment = exif && userComment(exif);
    return comment ? originFrom({ parameters: comment }) : undefined;
}

/** From texts by keyword; a tool's own record is preferred to the `parameters` that it may write besides. */
export function originFrom(texts: Readonly<Record<string, string>>): Origin | undefined {
    const { sdspec, invokeai_metadata, prompt, parameters } = texts;
    const legacy = texts['sd-metadata'];
    return (
        (sdspec === undefined ? undefined : readSdspec(sdspec, texts)) ??
        (invokeai_metadata === undefined ? undefined : readInvokeMetadata(invokeai_metadata, texts)) ??
        (prompt === undefined ? undefined : readComfyGraph(prompt, texts)) ??
        (legacy === undefined ? undefined : readInvokeLegacy(legacy, texts)) ??
        (parameters === undefined ? undefined : readParameters(parameters, texts))
    );
}

/** Our own: the JSON for all, the parameters for the common settings. */
function readSdspec(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    try {
        const sdspec = JSON.parse(text) as object;
        const {
            tool: _,
            texts: __,
            ...common
        } = readParameters(texts['parameters'] ?? '', texts) ?? { tool: '', texts };
        return originOf('sdspec', texts, { ...common, sdspec });
    } catch {
        return undefined;
    }
}
