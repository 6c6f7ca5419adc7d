/** The record of a run: everything needed to make its pictures again, and to know whether that succeeded. */

import type { LearnPlan } from '../../plan/plan.ts';
import type { PrintStep } from '../../plan/prints/print.ts';
import type { Expectation, Work } from '../../plan/run.ts';
import type { DeepZoom } from '../mosaic/deep-zoom.ts';
import type { NeighbourMeasures } from '../mosaic/measures.ts';
import type { ZoomFiles } from '../mosaic/zoom-files.ts';
import type { Failure } from '../run-error.ts';
import type { RecordedMeasures } from './measures/recorded.ts';
import type { ScanMeasure } from './measures/scan.ts';

/** `record.json` in a run's folder. Written when the run begins, after every picture, and when it ends. */
export interface RunRecord {
    /** Format of this record. */
    readonly format: 1;
    /** The runnable's name. */
    readonly name: string;
    /** sha256 of the plan's canonical JSON. */
    readonly digest: string;
    readonly kind: Work['kind'];
    /** Name of the spec file, where known. */
    readonly spec?: string;
    /** `running` with a process that is gone means: interrupted. */
    readonly state: RecordState;
    readonly process: number;
    /** The machine's name: on another one, `process` says nothing. Absent in records of earlier versions. */
    readonly host?: string;
    /** The processor's name, which decides the last bits of a result on the CPU. */
    readonly cpu?: string;
    /** Other processors, where an attempt on one of them left pictures that are kept. */
    readonly otherCpus?: readonly string[];
    /** ISO 8601. */
    readonly started: string;
    readonly finished?: string;
    readonly seconds: number;
    /** sdspec, onnxruntime, node, and the operating system. */
    readonly versions: Readonly<Record<string, string>>;
    readonly device: RecordedDevice;
    readonly models: readonly RecordedModel[];
    /** Pictures and other files that went in. */
    readonly inputs: readonly RecordedFile[];
    readonly notices: readonly string[];
    /** Seconds by phase. */
    readonly timings: Readonly<Record<string, number>>;
    /** How many pictures the plan asks for. */
    readonly cells: number;
    /** Finished pictures in the order of the plan. */
    readonly pictures: readonly RecordedPicture[];
    /** The labelled contact sheet of a sweep, relative to the folder. */
    readonly sheet?: string;
    /** The cells of a sweep as an animated picture, where the spec asks for it. */
    readonly animation?: string;
    /** A scan's measures, cell by cell; also as a table in `scan.md`. */
    readonly scan?: readonly ScanMeasure[];
    /** What the spec measures of a sweep; also as tables beside the sheet. */
    readonly measures?: RecordedMeasures;
    /** What a learning learnt. */
    readonly learnt?: RecordedLearning;
    /** A mosaic's measures and what is beside its flat picture. */
    readonly mosaic?: RecordedMosaic;
    /** How a print was enlarged, and its files. */
    readonly print?: RecordedPrint;
    /** Who made which pictures, where several workers shared the run. */
    readonly workers?: readonly RecordedWorker[];
    readonly failure?: Failure;
    /** Pictures of several that could not be made; the next run tries them again. */
    readonly failures?: readonly RecordedFailure[];
    readonly expectations?: readonly ExpectationResult[];
}

export interface RecordedLearning {
    /** The result, relative to the folder. */
    readonly file: string;
    readonly sha256: string;
    /** Steps that are done, of those planned: fewer where the user stopped and kept what was learnt. */
    readonly step: number;
    readonly steps: number;
    /** Mean over the last 50 steps; by quarter of the training times, null where none was drawn. */
    readonly loss: number;
    readonly lossByQuarter: readonly (number | null)[];
    /** Numbers that were learnt. */
    readonly parameters: number;
    /** How often it was continued after an interruption. */
    readonly resumed: number;
    readonly peakMemoryBytes: number;
    readonly memory: LearnPlan['memory'];
    /** Losses and the norm of the gradients, `step,loss,quarter1,…,quarter4,gradient`, relative to the folder. */
    readonly curve: string;
}

export interface RecordedMosaic {
    /** Places that show a tile, over all levels that are laid out as a whole. */
    readonly tilesPlaced: number;
    /** Different tiles among them and in the zoom. */
    readonly tilesMade: number;
    /** Seconds to make one; absent where no run measured it. */
    readonly secondsPerTile?: number;
    /** Structural similarity to its picture, seen from afar. */
    readonly farSsim?: number;
    /** Mean CIEDE2000 between a tile and its cell. */
    readonly deltaE: number;
    readonly neighbours: NeighbourMeasures;
    readonly deepZoom: DeepZoom;
    readonly zoom?: ZoomFiles;
}

export type RecordState = 'running' | 'complete' | 'cancelled' | 'failed';

export interface RecordedPrint {
    /** How its subject came about, up to the picture that is enlarged; absent in records of earlier versions. */
    readonly stages?: readonly RecordedStage[];
    /** Finished steps in their order. */
    readonly steps: readonly RecordedStep[];
    /** How many times larger than its subject the picture on paper is, and how many of that the steps make. */
    readonly enlargement: { readonly needed: number; readonly reached: number };
    /** Files for the print shop, relative to the run's folder. */
    readonly files?: readonly string[];
}

/** A picture on the way to a print's subject: what was painted into, the whole as painted, what the print is of. */
export interface RecordedStage {
    readonly kind: 'start' | 'painted' | 'subject';
    /** Relative to the run's folder. */
    readonly file: string;
    readonly width: number;
    readonly height: number;
}

export interface RecordedStep {
    readonly kind: PrintStep['kind'];
    /** The picture after the step, relative to the run's folder. */
    readonly file: string;
    readonly width: number;
    readonly height: number;
    /** Hex sha256 of the 8-bit RGB bytes. */
    readonly sha256: string;
    readonly seconds: number;
}

export interface RecordedDevice {
    readonly asked: string;
    /** Where it ran. */
    readonly used: string;
    readonly threads: number;
    /** Why it did not run where it was asked to; empty when it did. */
    readonly fallbacks: readonly string[];
    /** Session options, which decide the last bits of the result. */
    readonly options: Readonly<Record<string, string>>;
    /** Why another run with all of this may differ in the last bits; absent where it may not. */
    readonly inexact?: string;
}

export interface RecordedModel {
    /** As the spec names it: `builtin:sketch`, a path, or `hf:repository@revision`. */
    readonly name: string;
    readonly files: readonly RecordedFile[];
}

export interface RecordedFile {
    /** As the plan names it, or relative to the model's folder. */
    readonly path: string;
    readonly sha256: string;
}

export interface RecordedWorker {
    readonly worker: string;
    readonly host: string;
    /** Their places in the run. */
    readonly pictures: readonly number[];
}

/** Why one picture of several is missing. */
export interface RecordedFailure extends Failure {
    /** Its place among all pictures of the run, from 0. */
    readonly cell: number;
    readonly seed: number;
    readonly labels?: Readonly<Record<string, string>>;
}

export interface RecordedPicture {
    /** Its place among all pictures of the run, from 0. */
    readonly cell: number;
    readonly seed: number;
    /** Relative to the run's folder. */
    readonly file: string;
    readonly width: number;
    readonly height: number;
    /** Hex sha256 of the 8-bit RGB bytes. */
    readonly sha256: string;
    /** Perceptual hash, 16 hex digits. */
    readonly phash: string;
    readonly seconds: number;
    /** Digest of the picture's own plan, 16 hex digits: the same plan in another run is the same picture. */
    readonly plan?: string;
    /** The run that it was copied from, `name/digest`, which made it in those seconds. */
    readonly from?: string;
    /** Digests of its latents as the steps begin and after each step: base64 of sha256 over 32-bit floats, with spaces between. */
    readonly latents?: string;
    /** Axis labels of a sweep's cell. */
    readonly labels?: Readonly<Record<string, string>>;
    readonly trace?: RecordedTrace;
}

/** Intermediate pictures, relative to the run's folder. */
export interface RecordedTrace {
    /** All frames side by side. */
    readonly strip: string;
    readonly frames: readonly RecordedFrame[];
}

export interface RecordedFrame {
    /** How many steps come before the state. */
    readonly after: number;
    readonly noisy: string;
    readonly completed?: string;
    readonly finished?: string;
    /** Heat maps by word. */
    readonly attention?: Readonly<Record<string, string>>;
    readonly gradient?: Readonly<Record<string, string>>;
}

/** How one expectation fared. `skipped` says why it could not be judged here, which is no failure. */
export interface ExpectationResult {
    readonly expectation: Expectation;
    readonly verdict: 'met' | 'missed' | 'skipped';
    /** What was expected and what was found, as a sentence. */
    readonly message: string;
    /** Files to look at side by side, absolute, where the expectation compares pictures. */
    readonly expected?: string;
    readonly actual?: string;
}
