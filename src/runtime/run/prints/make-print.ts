/** Makes a print: the picture, each step that enlarges it, the sheet of paper, and the files for the print shop. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell } from '../../../plan/cells.ts';
import type { PictureSource } from '../../../plan/plan.ts';
import {
    enlargementFor,
    MAX_ENLARGED_PIXELS,
    MAX_SHEET_PIXELS,
    type PrintPlan,
    type PrintStep,
    paperPixels,
    type Refinement,
    refinedSize,
    refinementPlan,
} from '../../../plan/prints/print.ts';
import { madeIn } from '../../../plan/sources.ts';
import type { Upscaler } from '../../engine/upscaler.ts';
import { pixelsSha256 } from '../../pictures/compare.ts';
import type { Rgb } from '../../pictures/picture.ts';
import { toRgb, toUnit } from '../../pictures/pixels.ts';
import {
    cmykPixels,
    type DigitalSource,
    onPaper,
    type SheetMarks,
    sheetCmyk,
    sheetPng,
    sheetTiff,
    srgbProfile,
} from '../../pictures/print/paper.ts';
import { cropMarksPdf } from '../../pictures/print/pdf.ts';
import { resize } from '../../pictures/resize.ts';
import { RunError } from '../../run-error.ts';
import { type Tensor, tensor } from '../../tensor.ts';
import { writeWhole } from '../../write-whole.ts';
import { pathOf } from '../inputs/inputs.ts';
import { readSource } from '../inputs/read-source.ts';
import { makeFirst, makeSources } from '../make-first.ts';
import { contextOf } from '../make-pictures.ts';
import type { RecordedPrint, RecordedStep } from '../record.ts';
import type { RunContext } from '../run-context.ts';
import { recordModels } from '../run-models.ts';
import { saveStages } from './stages.ts';

const SHEET = 'print.png';

/** Steps that an earlier run finished are kept, and of an unfinished upscaler's step the finished tiles. */
export async function makePrint(print: PrintPlan, making: RunContext): Promise<{ readonly print: RecordedPrint }> {
    const { record, request, workshop, emit, signal } = making;
    const { sheet } = paperPixels(print.paper);
    requireFits(sheet, MAX_SHEET_PIXELS, 'The paper', 'Write a smaller paper, or fewer dpi.');
    const upscalers = await openUpscalers(print, making);
    try {
        const made = await makeSources(madeIn(print.of), making);
        const subject = await readSource(print.of, request.base, made, workshop);
        const stages = await saveStages(print.of, subject, made, { ...making, base: request.base });
        let picture = subject;
        const steps: RecordedStep[] = [];
        for (const [k, step] of print.steps.entries()) {
            signal.throwIfAborted();
            const before = record.now.print?.steps[k];
            const kept = before && (await keptPicture(before, making));
            const started = performance.now();
            picture = kept ?? (await enlarge(picture, step, k, print, upscalers, making));
            const seconds = Math.round(performance.now() - started) / 1000;
            steps.push(kept ? before : await saveStep(picture, step, k, seconds, making));
            if (!kept) await record.note({ print: { stages, steps, ...enlargementOf(subject, picture, print) } });
        }
        const files = await savePaper(picture, print, making);
        await recordModels(making);
        const results = { stages, steps, ...enlargementOf(subject, picture, print), files };
        const { needed, reached } = results.enlargement;
        if (needed > reached * 1.05) emit({ kind: 'notice', text: coarse(needed, reached, picture, print) });
        return { print: results };
    } finally {
        for (const upscaler of upscalers.values()) await upscaler.close();
    }
}

/** Opened before any work, so that a file of another kind is found at once. */
async function openUpscalers(
    print: PrintPlan,
    { request, workshop, emit }: RunContext,
): Promise<ReadonlyMap<string, Upscaler>> {
    const opened = new Map<string, Upscaler>();
    const { device = 'auto', threads } = request.options ?? {};
    for (const step of print.steps) {
        if (step.kind !== 'upscaler' || opened.has(step.file.path)) continue;
        emit({ kind: 'stage', stage: 'open', detail: step.file.path });
        const options = { device, ...(threads === undefined ? {} : { threads }) };
        opened.set(step.file.path, await workshop.openUpscaler(pathOf(request.base, step.file.path), options));
    }
    return opened;
}

function requireFits(
    { width, height }: { width: number; height: number },
    most: number,
    what: string,
    advice: string,
): void {
    if (width * height <= most) return;
    throw new RunError(
        'run/size',
        `${what} has ${width}x${height} pixels; ${most / 1e6} million are possible. ${advice}`,
    );
}

// ── Steps ──────────────────────────────────────────────────────────────

function enlarge(
    picture: Rgb,
    step: PrintStep,
    k: number,
    print: PrintPlan,
    upscalers: ReadonlyMap<string, Upscaler>,
    making: RunContext,
): Promise<Rgb> {
    making.emit({ kind: 'stage', stage: 'enlarge', detail: `step ${k + 1} of ${print.steps.length}` });
    if (step.kind === 'refine') return refine(picture, step, k, print.of, making);
    return upscale(picture, step, k, upscalers.get(step.file.path)!, making);
}

async function upscale(
    picture: Rgb,
    step: Extract<PrintStep, { kind: 'upscaler' }>,
    k: number,
    upscaler: Upscaler,
    { emit, signal, folder, record }: RunContext,
): Promise<Rgb> {
    const { scale } = upscaler.config;
    const size = { width: picture.width * scale, height: picture.height * scale };
    requireFits(
        size,
        MAX_ENLARGED_PIXELS,
        'The enlarged picture',
        'Leave a step out, or begin with a smaller picture.',
    );
    record.watchDevice(() => ({ ...record.now.device, used: upscaler.device.used, threads: upscaler.device.threads }));
    const unit = toUnit(picture);
    const pixels = tensor(
        unit.data.map((value) => (value + 1) / 2),
        unit.dims,
    );
    const tiles = join(folder, `step-${k + 1}-tiles`);
    const enlarged = await upscaler.enlarge(pixels, {
        ...(step.tile ? { tile: step.tile } : {}),
        ...(step.overlap ? { overlap: step.overlap } : {}),
        async beforeTile(tile, count) {
            // Gives a message to stop its turn.
            await new Promise((resolve) => setImmediate(resolve));
            signal.throwIfAborted();
            emit({ kind: 'step', cells: [0], step: tile, steps: count });
        },
        readTile: (tile) => readTile(join(tiles, `${tile}.f32`)),
        keepTile: (tile, made) => writeWhole(join(tiles, `${tile}.f32`), tileBytes(made)),
    });
    return toRgb(
        tensor(
            enlarged.data.map((value) => 2 * value - 1),
            enlarged.dims,
        ),
    );
}

/** A tile on disk: four sides as whole numbers, then the values. */
function tileBytes({ data, dims }: Tensor): Uint8Array {
    const bytes = new Uint8Array(16 + data.byteLength);
    bytes.set(new Uint8Array(Uint32Array.from(dims).buffer));
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 16);
    return bytes;
}

async function readTile(file: string): Promise<Tensor | undefined> {
    if (!existsSync(file)) return undefined;
    const { buffer } = Uint8Array.from(await readFile(file));
    return tensor(new Float32Array(buffer.slice(16)), [...new Uint32Array(buffer.slice(0, 16))]);
}

async function refine(picture: Rgb, step: Refinement, k: number, of: PictureSource, making: RunContext): Promise<Rgb> {
    const size = refinedSize(picture, step.by);
    requireFits(size, MAX_ENLARGED_PIXELS, 'The refined picture', 'Write a smaller `by`, or leave a step out.');
    const plan = refinementPlan(step, of, size);
    const enlarged = resize(picture, size.width, size.height);
    const cell: Cell = { index: 0, plan, seed: plan.seeds[0] ?? 0, file: stepFile(k) };
    const made = await makeFirst(plan, making);
    const context = contextOf({ plan, cells: [cell] }, made, making, `step-${k + 1}.`);
    const subject = plan.start?.pictures[0]?.picture;
    const picturesOf = async (source: PictureSource) => (source === subject ? enlarged : context.picture(source));
    for await (const result of making.workshop.generate(plan, { ...context, picture: picturesOf }))
        return result.picture;
    throw new Error('The refinement made no picture.');
}

function stepFile(k: number): string {
    return `step-${k + 1}.png`;
}

async function saveStep(
    picture: Rgb,
    step: PrintStep,
    k: number,
    seconds: number,
    making: RunContext,
): Promise<RecordedStep> {
    const file = stepFile(k);
    making.emit({ kind: 'stage', stage: 'save' });
    await writeWhole(join(making.folder, file), await making.workshop.png(picture));
    await rm(join(making.folder, `step-${k + 1}-tiles`), { recursive: true, force: true });
    const { width, height } = picture;
    return { kind: step.kind, file, width, height, sha256: pixelsSha256(picture), seconds };
}

/** The picture of a step that an earlier run finished, if it is still what the record says. */
async function keptPicture({ file, sha256 }: RecordedStep, { folder, workshop }: RunContext): Promise<Rgb | undefined> {
    const path = join(folder, file);
    if (!existsSync(path)) return undefined;
    const picture = await workshop.readPicture(path).catch(() => undefined);
    return picture && pixelsSha256(picture) === sha256 ? picture : undefined;
}

// ── Paper ──────────────────────────────────────────────────────────────

/** How many times larger than its subject the picture on paper is, and how many of that the steps make. */
function enlargementOf(subject: Rgb, picture: Rgb, { paper }: PrintPlan): Pick<RecordedPrint, 'enlargement'> {
    const needed = enlargementFor(subject, paper);
    const reached = Math.min(picture.width / subject.width, picture.height / subject.height);
    const round = (value: number) => Math.round(value * 100) / 100;
    return { enlargement: { needed: round(needed), reached: round(reached) } };
}

function coarse(needed: number, reached: number, picture: Rgb, { paper }: PrintPlan): string {
    const { sheet } = paperPixels(paper);
    const dpi = Math.floor(paper.dpi / enlargementFor(picture, paper));
    return `The paper needs ${sheet.width}x${sheet.height} pixels, ${needed} times the picture; ${reached > 1 ? `the steps make ${reached} times` : 'nothing enlarges it'}. The rest is enlarged without new detail, as fine as ${dpi}dpi: add an \`upscale\`, or write a smaller paper or fewer dpi.`;
}

async function savePaper(picture: Rgb, print: PrintPlan, making: RunContext): Promise<readonly string[]> {
    const { folder, request, emit, record, workshop } = making;
    const { paper } = print;
    const started = performance.now();
    emit({ kind: 'stage', stage: 'save' });
    const sheet = onPaper(picture, paper);
    const marks: SheetMarks = { dpi: paper.dpi, source: digitalSource(print) };
    const profile = paper.cmyk && pathOf(request.base, paper.cmyk.path);
    const files: string[] = [];
    const save = async (file: string, bytes: Uint8Array) => {
        await writeWhole(join(folder, file), bytes);
        files.push(file);
    };
    await save(SHEET, await sheetPng(sheet, marks));
    await save('print.tif', await sheetTiff(sheet, marks));
    if (profile) await save('print-cmyk.tif', await sheetCmyk(sheet, marks, profile));
    if (paper.marks) {
        const title = request.run.name;
        const colours = profile
            ? { pixels: await cmykPixels(sheet, profile), channels: 4 as const, profile: await readFile(profile) }
            : { pixels: sheet.data, channels: 3 as const, profile: await srgbProfile() };
        await save('print.pdf', cropMarksPdf(paper, { ...colours, title }));
    }
    const seed = seedOf(print);
    const { width, height } = sheet;
    await record.add({
        cell: 0,
        seed,
        file: SHEET,
        width,
        height,
        sha256: pixelsSha256(sheet),
        phash: await workshop.phash(sheet),
        seconds: Math.round(performance.now() - started) / 1000,
    });
    emit({ kind: 'picture', cell: 0, file: join(folder, SHEET), seed });
    return files;
}

/** The seed that a reader of the record expects: of the picture, or of its refinement. */
function seedOf({ of, steps }: PrintPlan): number {
    const [made] = madeIn(of);
    const refined = steps.find((step) => step.kind === 'refine');
    return made?.plan.seeds[0] ?? refined?.via.seeds[0] ?? 0;
}

/** How a print came about, for the mark that synthetic pictures bear. */
function digitalSource({ of, steps }: PrintPlan): DigitalSource {
    const [made] = madeIn(of);
    if (made) return made.plan.start ? 'compositeWithTrainedAlgorithmicMedia' : 'trainedAlgorithmicMedia';
    const refined = steps.some(({ kind }) => kind === 'refine');
    return refined ? 'compositeWithTrainedAlgorithmicMedia' : 'algorithmicallyEnhanced';
}
