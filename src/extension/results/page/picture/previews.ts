/** Previews of pictures that are being made. */

export interface PreviewPicture {
    readonly width: number;
    readonly height: number;
    readonly step: number;
    /** Of a whole picture made beforehand: in how many steps. */
    readonly draft?: number;
    /** It is of the text before, and stays until there is one of this. */
    readonly isFormer?: true;
    /** 8-bit RGB. */
    readonly data: Uint8Array;
}

/** The newest preview of every cell that is being made. */
export type Previews = ReadonlyMap<number, PreviewPicture>;
