/** What the language may ask of the outside world; given by its host, absent in a browser. */
import type { ModelHead } from '../../plan/model-file/head.ts';
import type { ModelRef, Size } from '../../plan/plan.ts';

/** Everything is named by URI. Answers are immediate; `undefined` means that there is none. */
export interface FileAccess {
    kindOf(uri: string): 'file' | 'folder' | undefined;
    /** Files under `folder` that fit a pattern like `cowboys/*.png`: relative paths with forward slashes, sorted; undefined where
     *  the pattern would have to look through a large part of the disk. */
    glob(folder: string, pattern: string): readonly string[] | undefined;
    /** The size of a picture in pixels; undefined for what is no picture. Reads the head of the file only. */
    pictureSize(uri: string): Size | undefined;
    /** A small text file, such as a model's config.json. */
    readText(uri: string): string | undefined;
    /** The head of a safetensors file; undefined for what is none. */
    modelHead?(uri: string): FileHead | undefined;
    /** How many tokens a prompt has, counted with the model's own tokenizer. */
    /** The words that a model was trained on, where they are few enough to list: the built-in model's. */
    knownWords?(model: ModelRef): ReadonlySet<string> | undefined;
    countTokens?(model: ModelRef, folder: string, text: string): TokenCount | undefined;
}

export interface FileHead extends ModelHead {
    /** What a Stable Diffusion 2 model predicts where its file does not say it, by its weights. */
    readonly looksLike?: 'epsilon' | 'v';
}

export interface TokenCount {
    readonly count: number;
    /** How many fit, without the two marks. */
    readonly limit: number;
    /** The words beyond the limit. */
    readonly lost: string;
}
