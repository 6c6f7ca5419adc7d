/** The messages between the results page and its host, parsed on both sides. */

import type { Adjustment } from '../../language/write/adjust/adjustment.ts';
import type { Progress } from '../runs/progress.ts';
import type { CellDetails, PictureName, SettingChange, Shown, ShownAdjustable, ShownPicture } from './shown-run.ts';

/** From the host to the page. */
export type ToPage =
    | { readonly kind: 'show'; readonly shown: Shown; readonly trusted: boolean }
    | {
          readonly kind: 'other';
          readonly shown: Shown;
          /** Cell `a` of the run `key`, once that is shown, beside cell `b` of this one. */
          readonly compare?: { readonly key: string; readonly a: number; readonly b: number };
      }
    /** A run of this name is planned, or no longer: it is shown next, or was taken back. */
    | { readonly kind: 'starting'; readonly name?: string }
    | { readonly kind: 'progress'; readonly key: string; readonly progress: Progress }
    | {
          readonly kind: 'preview';
          readonly key: string;
          readonly cell: number;
          readonly step: number;
          /** Of a whole picture made beforehand: in how many steps. */
          readonly draft?: number;
          readonly width: number;
          readonly height: number;
          /** 8-bit RGB. */
          readonly data: Uint8Array;
      }
    | { readonly kind: 'picture'; readonly key: string; readonly picture: ShownPicture }
    | { readonly kind: 'cell'; readonly key: string; readonly details: CellDetails }
    | {
          readonly kind: 'differences';
          readonly a: PictureName;
          readonly b: PictureName;
          readonly all: readonly SettingChange[];
      }
    /** What is adjusted beside the pictures, or that nothing is. */
    | { readonly kind: 'adjustable'; readonly adjustable?: ShownAdjustable }
    | { readonly kind: 'do'; readonly action: PageAction }
    | { readonly kind: 'empty'; readonly text: string };

export const PAGE_ACTIONS = [
    'grid',
    'layers',
    'large',
    'compare',
    'compareSide',
    'compareSlider',
    'compareDifference',
    'steps',
    'mask',
    'copyPicture',
    'details',
    'nextPicture',
    'previousPicture',
    'zoomIn',
    'zoomOut',
    'zoomReset',
] as const;
export type PageAction = (typeof PAGE_ACTIONS)[number];

/** What the host does with the chosen picture or its run; each is a command too. */
export const CHOSEN_ACTIONS = [
    'compareCommitted',
    'copySeed',
    'copySettings',
    'pinSeed',
    'saveAs',
    'reveal',
    'openSheet',
    'report',
    'star',
    'note',
    'copyPath',
    'useAsBias',
    'useAsStart',
    'useAsMask',
    'useAsControl',
    'makeGenerate',
    'takeHash',
    'runAgain',
] as const;

export const HOST_ACTIONS = [
    ...CHOSEN_ACTIONS,
    'downloadModel',
    'stop',
    'keep',
    'restartRuntime',
    'showLog',
    'openInEditor',
    'showResolved',
] as const;
export type HostAction = (typeof HOST_ACTIONS)[number];

export const ADJUST_ACTIONS = ['run', 'live', 'infuse', 'text'] as const;
export type AdjustAction = (typeof ADJUST_ACTIONS)[number];

/** From the page to the host. */
export type ToHost =
    /** It is ready to receive; the run that it showed when it was last open, and whether it was pinned. */
    | { readonly kind: 'ready'; readonly key?: string; readonly pinned: boolean }
    /** The page received the focus. */
    | { readonly kind: 'focus' }
    | { readonly kind: 'other'; readonly key: string }
    | { readonly kind: 'act'; readonly action: HostAction; readonly key: string; readonly cell: number }
    | { readonly kind: 'viewing'; readonly key: string; readonly cell: number }
    /** What is known of one picture of several. */
    | { readonly kind: 'cell'; readonly key: string; readonly cell: number }
    /** What differs between the settings of two pictures. */
    | { readonly kind: 'differences'; readonly a: PictureName; readonly b: PictureName }
    /** Opens what can be adjusted beside the run, or closes it. */
    | { readonly kind: 'adjust'; readonly key?: string; readonly open: boolean }
    /** Writes into the text; a drag is one step of undo from its beginning to its end. */
    | { readonly kind: 'adjusted'; readonly adjustment: Adjustment; readonly begins: boolean; readonly ends: boolean }
    /** Of what is adjusted: runs it, turns live mode on or off, infuses a picture, shows its text. */
    | { readonly kind: 'adjusting'; readonly action: AdjustAction; readonly picture?: string }
    | { readonly kind: 'copy'; readonly text: string }
    /** A picture is on the clipboard, or why it is not. */
    | { readonly kind: 'copied'; readonly failure?: string }
    /** A mask that was painted over a picture, as a PNG file, and by how many pixels its border is softened. */
    | {
          readonly kind: 'mask';
          readonly key: string;
          readonly cell: number;
          readonly feather: number;
          readonly data: Uint8Array;
      }
    /** A file that the page has drawn; the user chooses where it goes. */
    | { readonly kind: 'save'; readonly key: string; readonly name: string; readonly data: string | Uint8Array }
    /** Takes back the run that is planned. */
    | { readonly kind: 'withdraw' }
    | { readonly kind: 'pin'; readonly pinned: boolean };
