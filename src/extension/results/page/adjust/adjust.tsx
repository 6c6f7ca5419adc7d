/** What is adjusted beside the pictures: layers on the drawing and numbers by sliders, all of it written into the text. */
import { useState } from 'preact/hooks';
import type { Adjustment } from '../../../../language/write/adjust/adjustment.ts';
import type { ToHost } from '../../messages.ts';
import type { ShownAdjustable } from '../../shown-run.ts';
import { host } from '../memory.ts';
import { LayerPicker } from './layer-picker.tsx';
import { Numbers } from './numbers.tsx';

const post = (message: ToHost) => host.postMessage(message);

export function Adjust({ adjustable }: { readonly adjustable: ShownAdjustable }) {
    const { name, spec, infusions, numbers, pictures, problem, isLive, mayRun } = adjustable;
    const [picture, setPicture] = useState<string>();
    const chosen = picture !== undefined && pictures.includes(picture) ? picture : pictures[0];
    const write = (adjustment: Adjustment, how: { readonly begins: boolean; readonly ends: boolean }) =>
        post({ kind: 'adjusted', adjustment, ...how });
    const act = (action: Extract<ToHost, { kind: 'adjusting' }>['action']) => post({ kind: 'adjusting', action });
    return (
        <section class="adjust" aria-label={`Adjust ${name}`}>
            <div class="bar" role="toolbar" aria-label={`Adjusting ${name}`}>
                <h3 title={spec}>Adjust {name}</h3>
                <span class="gap" />
                {mayRun && (
                    <>
                        <button type="button" onClick={() => act('run')}>
                            Run
                        </button>
                        <button
                            type="button"
                            aria-pressed={isLive}
                            title="Make the picture again on every change"
                            onClick={() => act('live')}
                        >
                            Live
                        </button>
                    </>
                )}
                <button type="button" onClick={() => act('text')}>
                    Text
                </button>
                <button type="button" aria-label="Close" onClick={() => post({ kind: 'adjust', open: false })}>
                    ×
                </button>
            </div>
            {problem && <p role="status">{problem}</p>}
            {infusions.map((infusion, k) => (
                <LayerPicker
                    key={k}
                    infusion={infusion}
                    onChange={(site, weight, how) =>
                        write({ kind: 'layer', infusion: k, site, ...(weight ? { weight } : {}) }, how)
                    }
                />
            ))}
            {!problem && chosen === undefined && infusions.length === 0 && (
                <p class="quiet">
                    To pick layers, declare a picture to infuse: <code>image name = "./picture.png"</code>, or drop one
                    on the spec.
                </p>
            )}
            {chosen !== undefined && (
                <div class="line">
                    <label>
                        Infuse{' '}
                        <select value={chosen} onChange={({ currentTarget: { value } }) => setPicture(value)}>
                            {pictures.map((one) => (
                                <option key={one}>{one}</option>
                            ))}
                        </select>
                    </label>
                    <button
                        type="button"
                        class="second"
                        onClick={() => post({ kind: 'adjusting', action: 'infuse', picture: chosen })}
                    >
                        Add
                    </button>
                </div>
            )}
            <Numbers numbers={numbers} onChange={(id, value, how) => write({ kind: 'number', id, value }, how)} />
        </section>
    );
}
