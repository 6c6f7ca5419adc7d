/** The workshop: what carrying a run out needs from the rest of the runtime. Tests bring their own. */
import type { LearnPlan, ModelRef, PicturePlan, Precision } from '../../plan/plan.ts';
import type { ReadAdapter } from '../adapters/apply.ts';
import type { ControlNet } from '../engine/controlnet.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import type { Upscaler } from '../engine/upscaler.ts';
import type { MadePicture } from '../events.ts';
import type { GenerateContext } from '../generate.ts';
import type { LearnContext, LearnOutcome } from '../learn/context.ts';
import type { NoiseReader } from '../noise/file.ts';
import type { Rgb } from '../pictures/picture.ts';
import type { SheetLayout } from '../pictures/sheet.ts';
import type { PictureTexts } from '../pictures/texts.ts';
import type { Tensor } from '../tensor.ts';
import type { Comparison } from './expectations/expect.ts';
import type { DeviceChoice } from './request.ts';

export interface RunServices extends Comparison {
    generate(plan: PicturePlan, context: GenerateContext): AsyncIterable<MadePicture>;
    openModel(ref: ModelRef, options: ServiceOptions): Promise<StableDiffusion>;
    /** Opens a ControlNet (folder or single file), or hands out the open one. */
    openControlNet(place: string, options: Omit<ServiceOptions, 'base' | 'adapters'>): Promise<ControlNet>;
    /** Opens an upscaler. The caller closes it. */
    openUpscaler(place: string, options: Pick<ServiceOptions, 'device' | 'threads'>): Promise<Upscaler>;
    /** The vectors `[n, width]` of a learned embedding. */
    learnedEmbedding(file: string, width: number, word?: string): Tensor;
    /** The files that hold a model's weights, by the name that the record gives them. Throws where it can't be found. */
    modelFiles(ref: ModelRef, base: string): ReadonlyMap<string, string>;
    /** The tensors of a noise file. */
    noise(file: string): NoiseReader;
    /** The edges of a picture, white on black (Canny). */
    edges(picture: Rgb, thresholds: { readonly low: number; readonly high: number }): Promise<Rgb> | Rgb;
    /** A PNG's bytes, with texts inside. */
    png(picture: Rgb, texts?: PictureTexts): Promise<Uint8Array>;
    /** Learns a word, a LoRA or weights. */
    learn(plan: LearnPlan, context: LearnContext): Promise<LearnOutcome>;
    /** Pictures in a grid, each with its caption; `headings` above the columns and beside the rows. */
    sheet(sheet: SheetLayout): Promise<Rgb>;
    /** Pictures side by side. */
    strip(rows: readonly (readonly Rgb[])[]): Promise<Rgb> | Rgb;
    /** A WebP file's bytes that shows the pictures one after the other. */
    animation(frames: readonly Rgb[]): Promise<Uint8Array>;
    /** Perceptual hash, 16 hex digits. */
    phash(picture: Rgb): Promise<string> | string;
    /** The probabilities of the subjects of the built-in world. */
    subjects(picture: Rgb): Promise<Readonly<Record<string, number>>>;
}

export interface ServiceOptions {
    /** Receives what the user should know of sessions that are made later: the latest run that opened the model reports it. */
    readonly notice?: (text: string) => void;
    readonly base: string;
    readonly device: DeviceChoice;
    readonly threads?: number;
    /** LoRAs by absolute path. */
    readonly adapters?: readonly ReadAdapter[];
    /** Calls of the U-Net that the run will make: decides whether preparing the weights pays. */
    readonly expectedCalls: number;
    /** The plan's, for ControlNets; a model's U-Nets are asked for it one by one. */
    readonly precision?: Precision;
}
