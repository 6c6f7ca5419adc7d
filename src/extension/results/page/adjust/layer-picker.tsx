/** The U-Net to pick layers from: a click or a drag sets a layer's weight, and its curve is drawn over the steps. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AdjustableInfusion } from '../../../../language/write/adjust/adjustment.ts';
import { siteWeightsAt } from '../../../../language/write/layer-weights.ts';
import { drawUnet, type UnetBox } from '../../../../language/write/unet-drawing.ts';
import { type Curve, constant } from '../../../../plan/curve.ts';
import { BLOCKS, type Site, STAGES } from '../../../../plan/sites.ts';
import { StageParts } from '../unet.tsx';
import { CurveEditor } from './curve-editor.tsx';
import { follow } from './drag.ts';
import { curveFigures, dragged, FIRST_WEIGHT, keyStep, peakOf, roundWeight, withPeak, withWeight } from './weights.ts';

interface Props {
    readonly infusion: AdjustableInfusion;
    readonly onChange: (site: Site, weight: Curve | undefined, how: Step) => void;
}

interface Step {
    readonly begins: boolean;
    readonly ends: boolean;
}

const ONCE: Step = { begins: true, ends: true };

export function LayerPicker({ infusion, onChange }: Props) {
    const svg = useRef<SVGSVGElement>(null);
    const [chosen, setChosen] = useState<Site>();
    /** What was changed here and is not in the text yet. */
    const [draft, setDraft] = useState<AdjustableInfusion['sites']>();
    const dragging = useRef(false);
    useEffect(() => {
        // In the middle of a drag the text is a little behind.
        if (!dragging.current) setDraft(undefined);
    }, [infusion]);
    const sites = draft ?? infusion.sites;
    const fixed = infusion.fixed !== undefined;
    const selected = chosen ?? sites[0]?.site ?? 'mid';
    const weightOf = (site: Site) => sites.find((one) => one.site === site)?.weight;
    const change = (site: Site, weight: Curve | undefined, how: Step) => {
        dragging.current = !how.ends;
        setChosen(site);
        setDraft(withWeight(sites, site, weight));
        onChange(site, weight, how);
    };
    const title = infusion.title;
    const { width, height, boxes } = drawUnet({
        title,
        sites: siteWeightsAt({ ...infusion, sites }, infusion.moments),
    });
    /** The layer that a box is for: the strongest within it, or the stage itself. */
    const siteOfBox = ({ site, strongest }: UnetBox): Site => {
        const own = weightOf(site as Site) !== undefined;
        return own ? (site as Site) : (strongest?.site ?? (site as Site));
    };
    const press = (event: PointerEvent, site: Site) => {
        if (fixed || event.button !== 0) return;
        const before = weightOf(site) ?? constant(0);
        let last = before;
        let begins = true;
        setChosen(site);
        follow(event, {
            move: (_, up) => {
                last = withPeak(before, dragged(peakOf(before), up));
                change(site, last, { begins, ends: false });
                begins = false;
            },
            end: (moved) => {
                if (moved) change(site, last, { begins: false, ends: true });
                else if (!weightOf(site)) change(site, constant(FIRST_WEIGHT), ONCE);
            },
        });
    };
    const key = (event: KeyboardEvent, index: number, site: Site) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const by = keyStep(event.key, event.shiftKey);
        const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        const isDelete = event.key === 'Delete' || event.key === 'Backspace';
        if (by === undefined && aside === undefined && !isDelete) return;
        event.preventDefault();
        event.stopPropagation();
        if (aside !== undefined) {
            const next = boxes[(index + aside + boxes.length) % boxes.length]!;
            setChosen(siteOfBox(next));
            svg.current?.querySelector<SVGElement>(`[data-site="${next.site}"]`)?.focus();
        } else if (!fixed) {
            const before = weightOf(site);
            if (isDelete) change(site, undefined, ONCE);
            else change(site, withPeak(before ?? constant(0), roundWeight(peakOf(before ?? constant(0)) + by!)), ONCE);
        }
    };
    const selectedBox = boxes.find((box) => siteOfBox(box) === selected) ?? boxes.find(({ site }) => site === 'mid');
    const weight = weightOf(selected);
    const others = [...STAGES, ...BLOCKS].filter((site) => weightOf(site) === undefined);
    return (
        <section class="picker" aria-label={title}>
            <h4>
                {title}
                {infusion.from && !fixed && (
                    <span class="quiet"> from {infusion.from}: a change writes one of its own</span>
                )}
            </h4>
            {fixed && <p class="quiet">{infusion.fixed}</p>}
            {/* biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset */}
            <svg
                ref={svg}
                class="unet-picker"
                viewBox={`0 0 ${width} ${height}`}
                role="group"
                aria-label={`Layers of ${title}: up and down change a weight, left and right walk, Delete leaves a layer out.`}
            >
                {boxes.map((box, index) => {
                    const site = siteOfBox(box);
                    const own = weightOf(site);
                    return (
                        <g
                            key={box.site}
                            data-site={box.site}
                            class={`site${box.bars ? (box.isNegative ? ' negative' : ' positive') : ''}`}
                            role="slider"
                            aria-label={site}
                            aria-valuemin={-1}
                            aria-valuemax={2}
                            aria-valuenow={own ? peakOf(own) : 0}
                            aria-valuetext={own ? curveFigures(own) : 'no weight'}
                            aria-disabled={fixed}
                            tabIndex={box === selectedBox ? 0 : -1}
                            onPointerDown={(event) => press(event, site)}
                            onKeyDown={(event) => key(event, index, site)}
                            onFocus={() => setChosen(site)}
                        >
                            <StageParts box={box} />
                            {box === selectedBox && (
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
                })}
            </svg>
            <p class="quiet">Click or drag a layer up and down; arrow keys do the same.</p>
            <div class="line">
                {sites.map(({ site, weight: own }) => (
                    <span key={site} class="chip">
                        <button
                            type="button"
                            class="bare"
                            aria-pressed={site === selected}
                            onClick={() => setChosen(site)}
                        >
                            {site} {curveFigures(own)}
                        </button>
                        <button
                            type="button"
                            class="bare"
                            aria-label={`Leave out ${site}`}
                            disabled={fixed}
                            onClick={() => change(site, undefined, ONCE)}
                        >
                            ×
                        </button>
                    </span>
                ))}
                <select
                    aria-label="Add a layer"
                    value=""
                    disabled={fixed}
                    onChange={({ currentTarget }) => {
                        const site = others.find((one) => one === currentTarget.value);
                        currentTarget.value = '';
                        if (site) change(site, constant(FIRST_WEIGHT), ONCE);
                    }}
                >
                    <option value="">Add a layer…</option>
                    {others.map((site) => (
                        <option key={site}>{site}</option>
                    ))}
                </select>
            </div>
            {weight && (
                <CurveEditor
                    name={selected}
                    curve={weight}
                    disabled={fixed}
                    onChange={(curve, how) => change(selected, curve, how)}
                />
            )}
        </section>
    );
}
