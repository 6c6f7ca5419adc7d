/** ControlNets: hint pictures steer the guided rows through residuals (Zhang et al. 2023, arXiv 2302.05543). */
import { sample } from '../../plan/curve.ts';
import type { Control, FileRef, PictureSource } from '../../plan/plan.ts';
import type { GuidedRow } from '../../plan/rows.ts';
import type { ControlInputs } from '../denoise/denoise.ts';
import type { ControlNet } from '../engine/controlnet.ts';
import type { ControlResiduals } from '../engine/stable-diffusion.ts';
import type { Rgb } from '../events.ts';
import { toUnit } from '../pictures/pixels.ts';
import { type Tensor, tensor } from '../tensor.ts';
import type { Canvas } from './canvas.ts';
import { placed } from './canvas.ts';

/** The residuals of all controls at a call, added up; undefined where every weight is 0. */
export type Controls = (inputs: ControlInputs) => Promise<ControlResiduals | undefined>;

/** Opens the nets and prepares their hints: scaled to the canvas, values in [0, 1]. Undefined where the plan has none. */
export async function prepareControls(
    controls: readonly Control[],
    canvas: Canvas,
    open: (net: FileRef) => Promise<ControlNet>,
    picture: (source: PictureSource) => Promise<Rgb>,
): Promise<Controls | undefined> {
    if (controls.length === 0) return undefined;
    const nets: { control: Control; net: ControlNet; hint: Tensor }[] = [];
    for (const control of controls) {
        const unit = toUnit(placed(await picture(control.picture), canvas));
        const hint = tensor(
            unit.data.map((value) => (value + 1) / 2),
            unit.dims,
        );
        nets.push({ control, net: await open(control.net), hint });
    }
    return async ({ sample: rows, context, timestep, moment, guided, rows: count }) => {
        // ControlNets see latents only, not an inpainting model's further channels.
        const latents = firstChannels(rows, 4);
        let sum: ControlResiduals | undefined;
        for (const { control, net, hint } of nets) {
            const scale = sample(control.weight, moment.step, moment.steps, control.window);
            if (scale === 0) continue;
            const guess = control.guess ?? false;
            const all = await net.run({ sample: latents, timestep, context, hint, scale, guess });
            const residuals = guess ? conditionalOnly(all, guided) : all;
            sum = sum ? added(sum, residuals) : residuals;
        }
        return sum && withRows(sum, count);
    };
}

/** Residuals with those of unconditional rows set to 0. */
function conditionalOnly({ down, mid }: ControlResiduals, guided: readonly GuidedRow[]): ControlResiduals {
    const only = ({ data, dims }: Tensor): Tensor => {
        const size = data.length / guided.length;
        return tensor(
            data.map((value, i) => (guided[Math.floor(i / size)]?.role === 'empty' ? 0 : value)),
            dims,
        );
    };
    return { down: down.map(only), mid: only(mid) };
}

function firstChannels({ data, dims }: Tensor, channels: number): Tensor {
    const [count = 0, have = 0, height = 0, width = 0] = dims;
    if (have === channels) return { data, dims };
    const plane = height * width;
    const part = new Float32Array(count * channels * plane);
    for (let row = 0; row < count; row++) {
        part.set(data.subarray(row * have * plane, (row * have + channels) * plane), row * channels * plane);
    }
    return tensor(part, [count, channels, height, width]);
}

function added(a: ControlResiduals, b: ControlResiduals): ControlResiduals {
    const add = (x: Tensor, y: Tensor) =>
        tensor(
            x.data.map((value, i) => value + y.data[i]!),
            x.dims,
        );
    return { down: a.down.map((residual, k) => add(residual, b.down[k]!)), mid: add(a.mid, b.mid) };
}

/** Bias rows follow the guided ones and get nothing added. */
function withRows({ down, mid }: ControlResiduals, rows: number): ControlResiduals {
    const widened = ({ data, dims }: Tensor): Tensor => {
        const [have = 0, ...rest] = dims;
        if (have === rows) return { data, dims };
        const all = new Float32Array((data.length / have) * rows);
        all.set(data);
        return tensor(all, [rows, ...rest]);
    };
    return { down: down.map(widened), mid: widened(mid) };
}
