/** What a mosaic or a print has beside its picture, as the results page shows it. */
import { flatTile, levelSize } from '../../plan/mosaic/mosaic.ts';
import type { Size } from '../../plan/plan.ts';
import { paperPixels } from '../../plan/prints/print.ts';
import { assertNever } from '../../plan/problem.ts';
import type { Work } from '../../plan/run.ts';
import type {
    RecordedMosaic,
    RecordedPrint,
    RecordedStage,
    RecordedStep,
    RunRecord,
} from '../../runtime/run/record.ts';
import { fileOf } from '../runs/records.ts';
import type { Address } from './address.ts';
import type { Fact, ShownMosaic, ShownParts, ShownPrint, ShownStage } from './shown-run.ts';

/** Undefined for other works, and until it is known. */
export function partsOf(folder: string, record: RunRecord, address: Address): ShownParts | undefined {
    // A run that made a file again has another time, so that a page loads it again.
    const src = (file: string) => address(fileOf(folder, file) ?? folder, record.finished ?? record.started);
    switch (record.kind) {
        case 'picture':
        case 'sweep':
        case 'learn':
            return undefined;
        case 'mosaic':
            return record.mosaic && mosaicParts(record.mosaic, src);
        case 'print':
            return record.print && printParts(record.print, record, src);
        default:
            return assertNever(record.kind);
    }
}

/** Pixels of the picture that a work makes in a cell, before it is there. */
export function sizeOfWork(work: Work, plan: { readonly size: Size } | undefined): Size | undefined {
    switch (work.kind) {
        case 'picture':
        case 'sweep':
        case 'learn':
            return plan?.size;
        case 'mosaic':
            return levelSize(work.grid, flatTile(work), 1);
        case 'print':
            return paperPixels(work.paper).sheet;
        default:
            return assertNever(work);
    }
}

function mosaicParts(mosaic: RecordedMosaic, src: (file: string) => string): ShownMosaic {
    const { tilesPlaced, tilesMade, secondsPerTile, farSsim, deltaE, neighbours, deepZoom, zoom } = mosaic;
    const measures: Fact[] = [
        ['tiles', tilesPlaced === tilesMade ? `${tilesMade}` : `${tilesMade} painted, ${tilesPlaced} places`],
        ...(secondsPerTile === undefined ? [] : [['per tile', seconds(secondsPerTile)] as const]),
        ...(farSsim === undefined ? [] : [['far SSIM', farSsim.toFixed(2)] as const]),
        ['colours off by', `${deltaE.toFixed(2)} CIEDE2000`],
        ['closest neighbours', `${neighbours.least} of 64 bits`],
        ['deep zoom', `${deepZoom.width}×${deepZoom.height}, ${levels(deepZoom.levels)}`],
        ...(zoom ? [['seam of the zoom', `${zoom.seam.toFixed(2)} of 255`] as const] : []),
    ];
    const { width, height, tile } = deepZoom;
    return {
        kind: 'mosaic',
        measures,
        pyramid: { width, height, tile, first: src(`${deepZoom.folder}/mosaic_files/0/0_0.jpg`) },
        ...(zoom?.animation ? { zoom: src(zoom.animation) } : {}),
    };
}

function printParts(print: RecordedPrint, { pictures }: RunRecord, src: (file: string) => string): ShownPrint {
    const { needed, reached } = print.enlargement;
    const [sheet] = pictures;
    return {
        kind: 'print',
        measures: [
            ['enlarged', `${reached} times of ${needed} needed`],
            ...(print.files ? [['files', print.files.join(', ')] as const] : []),
        ],
        stages: [
            ...(print.stages ?? []).map(({ kind, file, width, height }) => ({
                title: STAGE_TITLES[kind],
                src: src(file),
                width,
                height,
            })),
            ...print.steps.map(
                ({ kind, file, width, height, seconds: took }): ShownStage => ({
                    title: STEP_TITLES[kind],
                    src: src(file),
                    width,
                    height,
                    seconds: took,
                }),
            ),
            ...(sheet ? [{ title: 'on paper', src: src(sheet.file), width: sheet.width, height: sheet.height }] : []),
        ],
    };
}

const STAGE_TITLES: Readonly<Record<RecordedStage['kind'], string>> = {
    start: 'start picture',
    painted: 'painted',
    subject: 'what is printed',
};

const STEP_TITLES: Readonly<Record<RecordedStep['kind'], string>> = { upscaler: 'enlarged', refine: 'refined' };

function levels(count: number): string {
    return count === 1 ? '1 level' : `${count} levels`;
}

function seconds(value: number): string {
    return `${value.toFixed(2)} s`;
}
