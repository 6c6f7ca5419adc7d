/** The messages between the runtime's process and its parent: the command line or the editor. */
import { NotificationType, NotificationType0, RequestType, RequestType0 } from 'vscode-jsonrpc';
import type { HubModel } from '../../plan/model-names.ts';
import type { RunEvent } from '../events.ts';
import type { Access } from '../hub/access.ts';
import type { Fetched, FetchProgress } from '../hub/fetch-model.ts';
import type { Survey } from '../hub/survey.ts';
import type { RunComparison } from '../run/compare/compare-runs.ts';
import type { ExaminedPicture } from '../run/lock/examine.ts';
import type { DeviceChoice, RunOutcome, RunRequest } from '../run/request.ts';
import type { Failure } from '../run-error.ts';
import type { ExpectedModels } from './prepare-models.ts';

// ── To the runtime ─────────────────────────────────────────────────────

/** Carries a run out; answered when it has ended, however it ended. Runs are queued and go one at a time. */
export const RunMessage = new RequestType<RunRequest, RunOutcome, void>('sdspec/run');

/** Opens models ahead of the run that will probably need them; nothing is answered. */
export const PrepareMessage = new NotificationType<ExpectedModels>('sdspec/prepare');

/** Stops a run, a waiting one at once, the running one before its next step; or a download. Unknown ids are ignored. */
export const CancelMessage = new NotificationType<{ readonly id: string }>('sdspec/cancel');

/** Ends a learning after its step, and keeps what is learnt by then as its result. Unknown ids are ignored. */
export const KeepMessage = new NotificationType<{ readonly id: string }>('sdspec/keep');

/** Ends the process at once. Its run was not cancelled: on disk it stays interrupted. */
export const EndMessage = new NotificationType0('sdspec/end');

/** Puts waiting runs into this order; ids not named keep their order behind them. */
export const ReorderMessage = new NotificationType<{ readonly ids: readonly string[] }>('sdspec/reorder');

/** What runs and waits now. */
export const QueueMessage = new RequestType0<readonly QueueEntry[], void>('sdspec/queue');

/** What this machine can do: devices with their self-tests, versions, and a small benchmark when asked. */
export const DoctorMessage = new RequestType<DoctorRequest, DoctorReport, void>('sdspec/doctor');

/** Reads the pictures of a run's folder as they are on disk. */
export const ExamineMessage = new RequestType<{ readonly folder: string }, readonly ExaminedPicture[], void>(
    'sdspec/examine',
);

/** Compares the pictures of a run's folder with those of another one, or of a record alone. */
export const CompareMessage = new RequestType<
    { readonly folder: string; readonly other: string },
    RunComparison | Failure,
    void
>('sdspec/compare');

/** Asks the hub what a download would bring. Like downloads it waits for no run, and no run waits for it. */
export const SurveyMessage = new RequestType<DownloadRequest, DownloadOutcome<Survey>, void>('sdspec/surveyModel');

/** Downloads a model from the hub; answered when that has ended, however it ended. It is no part of the queue. */
export const FetchMessage = new RequestType<FetchRequest, DownloadOutcome<Fetched>, void>('sdspec/fetchModel');

// ── From the runtime ───────────────────────────────────────────────────

/** Something happened in a run: progress, notices, previews, finished pictures. */
export const EventMessage = new NotificationType<{ readonly id: string; readonly event: WireEvent }>('sdspec/event');

/** How a download goes. */
export const FetchProgressMessage = new NotificationType<{ readonly id: string; readonly progress: FetchProgress }>(
    'sdspec/fetchProgress',
);

/** The queue after every change of it, the running entry first. */
export const QueueChangedMessage = new NotificationType<{ readonly queue: readonly QueueEntry[] }>(
    'sdspec/queueChanged',
);

/** Sent once, first of all: the runtime's process is up. */
export const ReadyMessage = new NotificationType<{ readonly pid: number; readonly sdspec: string }>('sdspec/ready');

/** Memory that the process holds, mapped weights included; sent along with progress. */
export const MemoryMessage = new NotificationType<{ readonly bytes: number }>('sdspec/memory');

// ── What they carry ────────────────────────────────────────────────────

export interface QueueEntry {
    readonly id: string;
    readonly name: string;
    readonly state: 'running' | 'waiting';
}

/** A run's event as it crosses the process border, where bytes travel as base64. */
export type WireEvent =
    | Exclude<RunEvent, { readonly kind: 'preview' }>
    | {
          readonly kind: 'preview';
          readonly cell: number;
          readonly step: number;
          readonly picture: { readonly width: number; readonly height: number; readonly base64: string };
      };

export interface DownloadRequest {
    /** Chosen by the sender, as that of a run. */
    readonly id: string;
    readonly model: HubModel;
    readonly access?: Access;
}

export interface FetchRequest extends DownloadRequest {
    /** Weights of 16 bits where there are some. */
    readonly half?: boolean;
}

export type DownloadOutcome<Answer> =
    | { readonly kind: 'done'; readonly answer: Answer }
    /** Stopped by the user; the part already downloaded is kept. */
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly failure: Failure };

export interface DoctorRequest {
    /** Also measures seconds per step of the built-in model on every usable device. */
    readonly benchmark?: boolean;
}

export interface DoctorReport {
    readonly versions: Readonly<Record<string, string>>;
    readonly machine: {
        readonly cpu: string;
        readonly cores: number;
        readonly memoryBytes: number;
        readonly os: string;
    };
    readonly devices: readonly DeviceFinding[];
}

export interface DeviceFinding {
    readonly device: Exclude<DeviceChoice, 'auto'>;
    readonly usable: boolean;
    /** What was found: why it can't be used, or the result of its self-test. */
    readonly detail: string;
    readonly secondsPerStep?: number;
}

/** An event ready to be sent. */
export function toWire(event: RunEvent): WireEvent {
    if (event.kind !== 'preview') return event;
    const { width, height, data } = event.picture;
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
    return { ...event, picture: { width, height, base64 } };
}

/** The event that was sent. */
export function fromWire(event: WireEvent): RunEvent {
    if (event.kind !== 'preview') return event;
    const { width, height, base64 } = event.picture;
    return { ...event, picture: { width, height, data: new Uint8Array(Buffer.from(base64, 'base64')) } };
}
