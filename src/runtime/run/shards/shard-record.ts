/** The record of a share: each finished picture is a file of its own, which the first worker to finish it writes. */
import type { RunEvent } from '../../events.ts';
import { RunError } from '../../run-error.ts';
import { writeOnce, writeWhole } from '../../write-whole.ts';
import type { OpenRecord } from '../open-record.ts';
import type { RecordedDevice, RecordedPicture, RunRecord } from '../record.ts';
import { cellFile, deviceFile, isFinished, jsonOf, type SharedCell } from './shard-folder.ts';
import type { OwnWorker } from './worker.ts';

/** An open record that shares what it adds with the other workers. What concerns the run as a whole is gathered later. */
export function shardRecord(folder: string, shard: string, worker: OwnWorker, begun: RunRecord): OpenRecord {
    let record = begun;
    let device = () => begun.device;
    let isAgreed = false;

    /** Pictures of one run come from one kind of device: the first worker's. */
    async function agree(): Promise<void> {
        if (isAgreed) return;
        const own = device();
        await writeOnce(deviceFile(shard), `${JSON.stringify(own)}\n`);
        const first = jsonOf<RecordedDevice>(deviceFile(shard)) ?? own;
        if (first.used !== own.used) throw otherDevice(first, own);
        isAgreed = true;
    }

    return {
        get now() {
            return record;
        },
        onEvent(event: RunEvent) {
            if (event.kind === 'notice' && !record.notices.includes(event.text)) {
                record = { ...record, notices: [...record.notices, event.text] };
            }
        },
        // A worker that was thought dead may come back late: its picture is another worker's by then.
        async wants(cell) {
            await agree();
            return !isFinished(folder, shard, cell);
        },
        async add(picture: RecordedPicture) {
            const { id, host, made } = worker.now;
            const cell: SharedCell = { picture, worker: id, host, device: device(), notices: record.notices };
            const file = cellFile(shard, picture.cell);
            const text = `${JSON.stringify(cell)}\n`;
            const isFirst = await writeOnce(file, text);
            // What was there is damaged, or its picture was lost and this one, of another machine, is in its place.
            if (!isFirst && jsonOf<SharedCell>(file)?.picture.sha256 !== picture.sha256) await writeWhole(file, text);
            record = { ...record, pictures: [...record.pictures, picture] };
            if (isFirst) await worker.change({ made: made + 1 });
        },
        watchDevice(now) {
            device = now;
        },
        addModel() {},
        async note() {},
        async close() {
            return record;
        },
    };
}

function otherDevice(first: RecordedDevice, own: RecordedDevice): RunError {
    const message = `The run was begun on ${first.used}, and this worker has ${own.used} only: pictures of two kinds of device are not mixed in one run. Start it where there is ${first.used}, or name the device for all of them with --device ${own.used} --out FOLDER.`;
    return new RunError('shard/device', message);
}
