/** A run, its pictures and what can be adjusted in it, as the results page shows them. */

import type { Adjustable } from '../../language/write/adjust/adjustment.ts';
import type { LayerWeights } from '../../language/write/layer-weights.ts';
import type { CurvePoint } from '../../plan/learn.ts';
import type { Progress } from '../runs/progress.ts';

/** One run as the page shows it. */
export interface Shown {
    /** The run's folder: names the run in every message. */
    readonly key: string;
    readonly name: string;
    readonly spec?: string;
    readonly kind: 'picture' | 'sweep' | 'mosaic' | 'print' | 'learn';
    readonly state: ShownState;
    /** It follows a change of its text: what was in sight stays until there is a picture of it. */
    readonly isLive?: true;
    /** Who makes it, where this window does not: host and process. */
    readonly makers: readonly string[];
    /** What the user says of it. */
    readonly mark: { readonly star: boolean; readonly note: string };
    /** Whether all its pictures are on one sheet. */
    readonly hasSheet: boolean;
    /** Why it ended without all pictures. */
    readonly message?: string;
    /** The hub model whose download would mend that. */
    readonly missing?: string;
    readonly started?: string;
    readonly cells: number;
    /** Pixels of a picture, as far as known before the first is there. */
    readonly size: { readonly width: number; readonly height: number };
    readonly pictures: readonly ShownPicture[];
    /** Axes of a sweep; `columns` names the one laid out along the columns. */
    readonly axes: readonly ShownAxis[];
    readonly columns?: string;
    readonly labels: readonly Readonly<Record<string, string>>[];
    /** Of a layer scan: which axis has the layers, and what was measured of them. */
    readonly scan?: ShownScan;
    readonly progress?: Progress;
    /** Of a learning: its loss so far, and how many steps it takes. */
    readonly curve?: { readonly points: readonly CurvePoint[]; readonly steps: number };
    /** What a finished mosaic or print has beside its picture. */
    readonly parts?: ShownParts;
    readonly details: ShownDetails;
    /** Runs that its pictures can be compared with, the likeliest first. */
    readonly others: readonly ComparableRun[];
}

/** One picture of one run. */
export interface PictureName {
    readonly key: string;
    readonly cell: number;
}

export interface ComparableRun {
    readonly key: string;
    readonly label: string;
    /** What it is to the run: its base, an earlier run of the same name, or another one. */
    readonly group: 'base' | 'earlier' | 'other';
}

/** A setting that differs between two pictures; absent on the side that does not have it. */
export interface SettingChange {
    readonly setting: string;
    readonly a?: string;
    readonly b?: string;
}

export interface ShownScan {
    /** The axis whose values are layers. */
    readonly axis: string;
    /** The measures that the spec asks for besides those of every scan. */
    readonly names: readonly string[];
    /** In the order of the run; empty until all pictures are made. */
    readonly entries: readonly ScanEntry[];
}

/** One picture of a layer scan against the plain picture of its row. */
export interface ScanEntry {
    readonly cell: number;
    readonly label: string;
    readonly moved: number;
    readonly ssim: number;
    /** The share of the way to the bias picture. */
    readonly towards?: number;
    /** By the names of the scan. */
    readonly more: readonly (number | null)[];
}

/** What is known of one picture of several. */
export interface CellDetails {
    readonly cell: number;
    readonly facts: readonly Fact[];
    readonly text: string;
    readonly weights: readonly LayerWeights[];
}

export type ShownState = 'waiting' | 'running' | 'complete' | 'cancelled' | 'failed' | 'interrupted';

interface ShownAxis {
    readonly name: string;
    readonly values: readonly string[];
}

export interface ShownPicture {
    readonly cell: number;
    readonly seed: number;
    readonly src: string;
    /** The address of its file, for what it is dropped on. */
    readonly file: string;
    readonly width: number;
    readonly height: number;
    readonly sha256?: string;
    readonly seconds?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly trace: readonly ShownFrame[];
    /** Set by the page: it is the picture of the text before. */
    readonly isFormer?: true;
}

export interface ShownFrame {
    /** How many steps come before the state; 0 is what the run starts from. */
    readonly after: number;
    readonly noisy: string;
    readonly completed?: string;
    readonly finished?: string;
    readonly attention?: Readonly<Record<string, string>>;
    readonly gradient?: Readonly<Record<string, string>>;
}

export type ShownParts = ShownMosaic | ShownPrint;

export interface ShownMosaic {
    readonly kind: 'mosaic';
    readonly measures: readonly Fact[];
    readonly pyramid: ShownPyramid;
    /** The endless zoom, as an animated picture. */
    readonly zoom?: string;
}

/** A Deep Zoom pyramid. */
export interface ShownPyramid {
    readonly width: number;
    readonly height: number;
    /** Pixels of a tile's side. */
    readonly tile: number;
    /** Address of the first tile of the coarsest level, whose path ends in `0/0_0.jpg`. */
    readonly first: string;
}

export interface ShownPrint {
    readonly kind: 'print';
    readonly measures: readonly Fact[];
    /** In their order, the sheet of paper last. */
    readonly stages: readonly ShownStage[];
}

export interface ShownStage {
    readonly title: string;
    readonly src: string;
    readonly width: number;
    readonly height: number;
    readonly seconds?: number;
}

export type Fact = readonly [label: string, value: string];

export interface ShownDetails {
    /** Settings and facts, a line each. */
    readonly facts: readonly Fact[];
    /** The resolved plan as spec text. */
    readonly text: string;
    readonly timings: readonly (readonly [phase: string, seconds: number])[];
    readonly weights: readonly LayerWeights[];
    readonly notices: readonly string[];
    readonly expectations: readonly { readonly verdict: 'met' | 'missed' | 'skipped'; readonly message: string }[];
    /** What was measured of a sweep, as text. */
    readonly tables: readonly ShownTable[];
}

export interface ShownTable {
    readonly caption: string;
    readonly head: readonly string[];
    readonly rows: readonly (readonly string[])[];
}

/** What can be adjusted in the text of a runnable, and how it is run. */
export interface ShownAdjustable extends Adjustable {
    readonly spec: string;
    /** It is run on every change. */
    readonly isLive: boolean;
    readonly mayRun: boolean;
}
