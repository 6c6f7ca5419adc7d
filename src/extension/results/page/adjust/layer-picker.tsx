/** The U-Net to pick layers from: a click or a drag sets a layer's weight, and its curve is drawn over the steps. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AdjustableInfusion } from '../../../../language/write/adjust/adjustment.ts';
import { siteWeightsAt } from '../../../../language/write/layer-weights.ts';
import { drawUnet, type UnetBox } from '../../../../language/write/unet-drawing.ts';
import { type Curve, constant } from '../../../../plan/curve.ts';
import type { Site } from '../../../../plan/sites.ts';
import { CurveEditor } from './curve-editor.tsx';
import { follow } from './drag.ts';
import { LayerChips, LayerSlider } from './layer-parts.tsx';
import { dragged, FIRST_WEIGHT, keyStep, peakOf, roundWeight, withPeak, withWeight } from './weights.ts';

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
    const { sites, chosen, setChosen, change } = useWeights(infusion, onChange);
    const fixed = infusion.fixed !== undefined;
    const selected = chosen ?? sites[0]?.site ?? 'mid';
    const weightOf = (site: Site) => sites.find((one) => one.site === site)?.weight;
    const title = infusion.title;
    const { width, height, boxes } = drawUnet({
        title,
        sites: siteWeightsAt({ ...infusion, sites }, infusion.moments),
    });
    const siteOfBox = (box: UnetBox) => siteIn(box, weightOf(box.site as Site) !== undefined);
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
                    return (
                        <LayerSlider
                            key={box.site}
                            box={box}
                            site={site}
                            weight={weightOf(site)}
                            disabled={fixed}
                            selected={box === selectedBox}
                            onPress={(event) => press(event, site)}
                            onKey={(event) => key(event, index, site)}
                            onFocus={() => setChosen(site)}
                        />
                    );
                })}
            </svg>
            <p class="quiet">Click or drag a layer up and down; arrow keys do the same.</p>
            <LayerChips
                sites={sites}
                selected={selected}
                disabled={fixed}
                onSelect={setChosen}
                onChange={(site, to) => change(site, to, ONCE)}
            />
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

/** The weights as they are seen: those of the text, and what was changed here and is not in the text yet. */
function useWeights(infusion: AdjustableInfusion, onChange: Props['onChange']) {
    const [chosen, setChosen] = useState<Site>();
    const [draft, setDraft] = useState<AdjustableInfusion['sites']>();
    const dragging = useRef(false);
    useEffect(() => {
        // In the middle of a drag the text is a little behind.
        if (!dragging.current) setDraft(undefined);
    }, [infusion]);
    const sites = draft ?? infusion.sites;
    const change = (site: Site, weight: Curve | undefined, how: Step) => {
        dragging.current = !how.ends;
        setChosen(site);
        setDraft(withWeight(sites, site, weight));
        onChange(site, weight, how);
    };
    return { sites, chosen, setChosen, change };
}

/** The layer that a box is for: the stage itself where it has a weight, else the strongest within it. */
function siteIn({ site, strongest }: UnetBox, hasOwn: boolean): Site {
    return hasOwn ? (site as Site) : (strongest?.site ?? (site as Site));
}
