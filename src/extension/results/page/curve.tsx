/** The curve of a learning: its mean loss over the steps, as far as it has come. */
import type { CurvePoint } from '../../../plan/learn.ts';

/** Units of the drawing; it is stretched to the width of the page. */
const WIDTH = 600;
const HEIGHT = 80;

interface Props {
    readonly points: readonly CurvePoint[];
    /** Steps that the learning takes. */
    readonly steps: number;
}

export function CurveDrawing({ points, steps }: Props) {
    const last = points.at(-1);
    if (!last || points.length < 2) return null;
    const losses = points.map(({ loss }) => loss);
    const [least, most] = [Math.min(...losses), Math.max(...losses)];
    const x = (step: number) => (step / Math.max(steps, last.step)) * WIDTH;
    const y = (loss: number) => HEIGHT - ((loss - least) / (most - least || 1)) * (HEIGHT - 4) - 2;
    const line = points.map(({ step, loss }) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
    const words = `Mean loss from ${points[0]!.loss.toFixed(4)} to ${last.loss.toFixed(4)} in ${last.step} of ${steps} steps`;
    return (
        <figure class="curve">
            <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={words}>
                <polyline points={line} vector-effect="non-scaling-stroke" />
            </svg>
            <figcaption class="quiet">
                loss {most.toFixed(3)} … {least.toFixed(3)}, now {last.loss.toFixed(4)} · step {last.step} of {steps}
            </figcaption>
        </figure>
    );
}
