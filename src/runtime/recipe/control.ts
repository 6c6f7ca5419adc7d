/** ControlNets: hint pictures steer the guided rows through residuals (Zhang et al. 2023, arXiv 2302.05543). */
import { sample } from '../../plan/curve.ts';
import type { LatentTile } from '../../plan/passes/tiles.ts';
import type { Control } from '../../plan/plan.ts';
import type { GuidedRow } from '../../plan/rows/rows.ts';
import { editPoints } from '../../plan/sites.ts';
import type { Moment } from '../../plan/steps.ts';
import { topology } from '../../plan/topology.ts';
import type { ControlInputs } from '../denoise/denoise-request.ts';
import type { ControlNet } from '../engine/controlnet.ts';
import type { ControlResiduals, StableDiffusion } from '../engine/stable-diffusion.ts';
import { cut } from '../engine/tiles.ts';
import { toUnit } from '../pictures/pixels.ts';
import { type Tensor, tensor } from '../tensor.ts';
import { ModelError } from '../weights/model-error.ts';
import type { Canvas } from './canvas.ts';
import { placed } from './canvas.ts';
import type { Scene } from './scene.ts';

/** The residuals of all controls at a call, added up; undefined where every weight is 0. */
export type Controls = (inputs: ControlInputs) => Promise<ControlResiduals | undefined>;

/** Opens the nets and prepares their hints: scaled to the canvas, values in [0, 1]. Undefined where the plan has none. */
export async function prepareControls(
    { model, plan: { controls }, canvas, picture }: Scene,
    open: (net: Control['net']) => Promise<ControlNet>,
): Promise<Controls | undefined> {
    if (controls.length === 0) return undefined;
    const nets: { control: Control; net: ControlNet; hint: Tensor }[] = [];
    for (const control of controls) {
        const unit = toUnit(placed(await picture(control.picture), canvas));
        const hint = tensor(
            unit.data.map((value) => (value + 1) / 2),
            unit.dims,
        );
        const net = await open(control.net);
        requireFamily(net, model);
        nets.push({ control, net, hint });
    }
    return async ({ sample: rows, context, timestep, moment, guided, rows: count, window }) => {
        // ControlNets see latents only, not an inpainting model's further channels.
        const latents = firstChannels(rows, 4);
        let sum: ControlResiduals | undefined;
        for (const { control, net, hint } of nets) {
            const scale = sample(control.weight, moment.step, moment.steps, control.window);
            if (scale === 0) continue;
            // A net that averages over the picture acts on the prompted rows alone, as in guess mode, at its full scale.
            const { globalPool } = net.config;
            const guess = (control.guess ?? false) && !globalPool;
            const seen = window ? cut(hint, inPixels(window, canvas)) : hint;
            const factors = control.sites && residualFactors(control, net.config, moment);
            const all = await net.run({
                sample: latents,
                timestep,
                context,
                hint: seen,
                scale,
                guess,
                ...(factors ? { factors } : {}),
            });
            const residuals = guess || globalPool ? conditionalOnly(all, guided) : all;
            sum = sum ? added(sum, residuals) : residuals;
        }
        return sum && withRows(sum, count);
    };
}

/** Throws `ModelError` where a net was made beside a model of another family, whose texts or features have other widths. */
function requireFamily({ config, weights }: ControlNet, { checkpoint }: StableDiffusion): void {
    const unet = checkpoint.unet.config;
    const is = (what: string) => {
        const message = `"${weights.source}" was made for another family of models: ${what}. Use a ControlNet that was made for this one.`;
        return new ModelError('model/unsupported', message);
    };
    if (config.contextWidth !== unet.contextWidth)
        throw is(`it reads texts ${config.contextWidth} wide, the model's are ${unet.contextWidth} wide`);
    if (`${config.widths}` !== `${unet.widths}` || config.layersPerBlock !== unet.layersPerBlock)
        throw is(`its levels have ${config.widths.join(', ')} channels, those of the model ${unet.widths.join(', ')}`);
    if (config.inChannels !== 4) throw is(`it reads ${config.inChannels} latent channels, the model has 4`);
}

/** What each residual is multiplied by: those of the skips, the finest first, and that of the middle block. Sites that meet add up. */
function residualFactors(
    { sites = [], window }: Control,
    { widths, layersPerBlock }: ControlNet['config'],
    { step, steps }: Moment,
): readonly number[] {
    const net = topology({ levels: widths.length, layersPerBlock, attention: [] });
    const skips = net.points.filter((point) => point.startsWith('skip'));
    const factors = new Array<number>(skips.length + 1).fill(0);
    for (const { site, weight } of sites) {
        for (const point of editPoints(site, net)) {
            const index = point === 'M00' ? skips.length : skips.indexOf(point);
            if (index >= 0) factors[index]! += sample(weight, step, steps, window);
        }
    }
    return factors;
}

/** A window of latents in pixels of the canvas. */
function inPixels({ top, left, rows, columns }: LatentTile, { width, latent }: Canvas): LatentTile {
    const scale = width / latent.width;
    return { top: top * scale, left: left * scale, rows: rows * scale, columns: columns * scale };
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

/** The sum of two; values that are averages over the picture, `[R, c, 1, 1]`, count at every place. */
function added(a: ControlResiduals, b: ControlResiduals): ControlResiduals {
    const add = (x: Tensor, y: Tensor): Tensor => {
        if (x.data.length < y.data.length) return add(y, x);
        const repeats = x.data.length / y.data.length;
        return tensor(
            x.data.map((value, i) => value + y.data[Math.floor(i / repeats)]!),
            x.dims,
        );
    };
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
