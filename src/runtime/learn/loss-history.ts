/** The losses of a learning: kept in full, so that means and the judgement of divergence survive an interruption. */
import { type Tensor, tensor } from '../tensor.ts';

export interface StepLosses {
    /** Weighted loss of the step. */
    readonly loss: number;
    /** Norm of all gradients together. */
    readonly norm: number;
    readonly times: readonly number[];
    /** Mean squared error of each row. */
    readonly rows: readonly number[];
}

/** Steps that means are taken over. */
const MEAN_OVER = 50;

export class LossHistory {
    private readonly steps: StepLosses[];
    private readonly times: number;

    /** `times` is the number of training times of the model. */
    constructor(times: number, steps: readonly StepLosses[] = []) {
        this.times = times;
        this.steps = [...steps];
    }

    get length(): number {
        return this.steps.length;
    }

    at(step: number): StepLosses {
        return this.steps[step]!;
    }

    /** Rounds to float32, as the numbers are stored: continued or not, the means are the same. */
    add({ loss, norm, times, rows }: StepLosses): void {
        this.steps.push({ loss: Math.fround(loss), norm: Math.fround(norm), times, rows: rows.map(Math.fround) });
    }

    /** The mean loss over the `count` steps before `end`. */
    mean(end = this.steps.length, count = MEAN_OVER): number {
        const part = this.steps.slice(Math.max(0, end - count), end);
        return part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    }

    /** The rows' mean errors by quarter of the training times, over the `count` steps before `end`. */
    quarters(end = this.steps.length, count = MEAN_OVER): readonly (number | undefined)[] {
        const sums = Array.from({ length: 4 }, () => ({ sum: 0, count: 0 }));
        for (const { times, rows } of this.steps.slice(Math.max(0, end - count), end)) {
            for (const [row, time] of times.entries()) {
                const quarter = sums[Math.floor((4 * time) / this.times)]!;
                quarter.sum += rows[row]!;
                quarter.count++;
            }
        }
        return sums.map(({ sum, count: drawn }) => (drawn > 0 ? sum / drawn : undefined));
    }

    /**
     * Whether the loss rises for good: its mean over 50 steps is twice the lowest such mean before. A single loss says
     * little, since it depends on the times that were drawn; a mean over 50 steps varies by a tenth.
     */
    get rises(): boolean {
        const end = this.steps.length;
        if (end < 2 * MEAN_OVER) return false;
        let lowest = Number.POSITIVE_INFINITY;
        for (let at = MEAN_OVER; at <= end - MEAN_OVER; at += 10) lowest = Math.min(lowest, this.mean(at));
        return this.mean() > 2 * lowest;
    }

    /** `[steps, 2 + 2·rows]`: loss, norm, times, errors. */
    toTensor(): Tensor {
        const width = 2 + 2 * (this.steps[0]?.rows.length ?? 0);
        const data = this.steps.flatMap(({ loss, norm, times, rows }) => [loss, norm, ...times, ...rows]);
        return tensor(Float32Array.from(data), [this.steps.length, width]);
    }

    static from(times: number, { data, dims }: Tensor): LossHistory {
        const [count = 0, width = 2] = dims;
        const rows = (width - 2) / 2;
        return new LossHistory(
            times,
            Array.from({ length: count }, (_, step) => {
                const [loss = 0, norm = 0, ...rest] = data.subarray(step * width, (step + 1) * width);
                return { loss, norm, times: rest.slice(0, rows), rows: rest.slice(rows) };
            }),
        );
    }

    /** The curve as CSV, one line per ten steps: means over those ten. */
    toCsv(): string {
        const lines = ['step,loss,quarter1,quarter2,quarter3,quarter4,gradient'];
        for (let end = 10; end < this.steps.length + 10; end += 10) {
            const step = Math.min(end, this.steps.length);
            const count = step - (end - 10);
            const quarters = this.quarters(step, count).map((value) => value?.toFixed(5) ?? '');
            lines.push(
                [step, this.mean(step, count).toFixed(5), ...quarters, this.at(step - 1).norm.toExponential(2)].join(),
            );
        }
        return `${lines.join('\n')}\n`;
    }
}
