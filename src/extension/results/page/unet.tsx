/** The U-Net as a drawing, with the weights of an infusion at its layers and how they change over the steps. */
import { type LayerWeights, weightText } from '../../../language/write/layer-weights.ts';
import { drawUnet, type UnetBox } from '../../../language/write/unet-drawing.ts';
import type { Topology } from '../../../plan/topology.ts';

export function UNet({ weights, net }: { readonly weights: LayerWeights; readonly net?: Topology }) {
    const { width, height, boxes } = drawUnet(weights, net);
    const said = weights.sites.map((one) => `${one.site} ${weightText(one)}`).join(', ');
    return (
        <figure class="unet">
            <figcaption>{weights.title}</figcaption>
            <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Layer weights: ${said}`}>
                {boxes.map((box) => (
                    <Stage key={box.site} box={box} />
                ))}
            </svg>
        </figure>
    );
}

/** A box with its bars; those below 0 have a colour of their own. */
function Stage({ box }: { readonly box: UnetBox }) {
    const sign = box.bars && (box.isNegative ? ' negative' : ' positive');
    return (
        <g class={`site${sign ?? ''}`}>
            <StageParts box={box} />
        </g>
    );
}

/** What is drawn of a box. */
export function StageParts({ box: { site, strongest, bars, isNegative: _, ...rect } }: { readonly box: UnetBox }) {
    return (
        <>
            <title>{strongest ? `${strongest.site}: ${weightText(strongest)} ${strongest.drawn}` : `${site}: 0`}</title>
            <rect class="ground" {...rect} rx="3" />
            {bars && <polygon class="weight" points={bars} />}
            <text class="name" x={rect.x + 6} y={bars ? rect.y + 14 : rect.y + rect.height / 2 + 4}>
                {bars && strongest ? strongest.site : site}
            </text>
            {bars && strongest && (
                <text class="value" x={rect.x + rect.width - 6} y={rect.y + 14} text-anchor="end">
                    {weightText(strongest)}
                </text>
            )}
        </>
    );
}
