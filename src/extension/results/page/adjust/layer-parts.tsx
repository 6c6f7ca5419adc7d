/** The layers that weights are given to: as sliders of the U-Net's drawing, and as a list below it. */
import type { AdjustableInfusion } from '../../../../language/write/adjust/adjustment.ts';
import type { UnetBox } from '../../../../language/write/unet-drawing.ts';
import { type Curve, constant } from '../../../../plan/curve.ts';
import { BLOCKS, type Site, STAGES } from '../../../../plan/sites.ts';
import { StageParts } from '../unet.tsx';
import { curveFigures, FIRST_WEIGHT, peakOf } from './weights.ts';

interface ChipsProps {
    readonly sites: AdjustableInfusion['sites'];
    readonly selected: Site;
    readonly disabled: boolean;
    readonly onSelect: (site: Site) => void;
    readonly onChange: (site: Site, weight: Curve | undefined) => void;
}

/** The layers that have a weight, and those that can be given one. */
export function LayerChips({ sites, selected, disabled, onSelect, onChange }: ChipsProps) {
    const others = [...STAGES, ...BLOCKS].filter((site) => sites.every((one) => one.site !== site));
    return (
        <div class="line">
            {sites.map(({ site, weight: own }) => (
                <span key={site} class="chip">
                    <button type="button" class="bare" aria-pressed={site === selected} onClick={() => onSelect(site)}>
                        {site} {curveFigures(own)}
                    </button>
                    <button
                        type="button"
                        class="bare"
                        aria-label={`Leave out ${site}`}
                        disabled={disabled}
                        onClick={() => onChange(site, undefined)}
                    >
                        ×
                    </button>
                </span>
            ))}
            <select
                aria-label="Add a layer"
                value=""
                disabled={disabled}
                onChange={({ currentTarget }) => {
                    const site = others.find((one) => one === currentTarget.value);
                    currentTarget.value = '';
                    if (site) onChange(site, constant(FIRST_WEIGHT));
                }}
            >
                <option value="">Add a layer…</option>
                {others.map((site) => (
                    <option key={site}>{site}</option>
                ))}
            </select>
        </div>
    );
}

interface LayerSliderProps {
    readonly box: UnetBox;
    readonly site: Site;
    readonly weight: Curve | undefined;
    readonly disabled: boolean;
    readonly selected: boolean;
    readonly onPress: (event: PointerEvent) => void;
    readonly onKey: (event: KeyboardEvent) => void;
    readonly onFocus: () => void;
}

/** One layer of the drawing, which is a slider for its weight. */
export function LayerSlider({ box, site, weight, disabled, selected, onPress, onKey, onFocus }: LayerSliderProps) {
    return (
        <g
            data-site={box.site}
            class={`site${box.bars ? (box.isNegative ? ' negative' : ' positive') : ''}`}
            role="slider"
            aria-label={site}
            aria-valuemin={-1}
            aria-valuemax={2}
            aria-valuenow={weight ? peakOf(weight) : 0}
            aria-valuetext={weight ? curveFigures(weight) : 'no weight'}
            aria-disabled={disabled}
            tabIndex={selected ? 0 : -1}
            onPointerDown={onPress}
            onKeyDown={onKey}
            onFocus={onFocus}
        >
            <StageParts box={box} />
            {selected && (
                <rect
                    class="chosen"
                    x={box.x - 1.5}
                    y={box.y - 1.5}
                    width={box.width + 3}
                    height={box.height + 3}
                    rx="4"
                />
            )}
        </g>
    );
}
