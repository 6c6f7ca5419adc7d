/** Two pictures compared: side by side, behind a slider, or by their difference. */
import { useState } from 'preact/hooks';
import type { Shown, ShownPicture } from '../messages.ts';
import type { View } from './view.ts';
import { altOf, captionOf } from './words.ts';
import { ZoomArea, Zoomed } from './zoom.tsx';

interface Side {
    readonly shown: Shown;
    readonly picture: ShownPicture;
}

interface Props {
    readonly a: Side;
    readonly b: Side | undefined;
    /** Runs that can be on the other side: this one first. */
    readonly runs: readonly { readonly key: string; readonly label: string }[];
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

const MODES = [
    ['side', 'Side by side'],
    ['slider', 'Slider'],
    ['difference', 'Difference'],
] as const;

export function Compare({ a, b, runs, view, onView }: Props) {
    const [gain, setGain] = useState(4);
    const same = b && a.picture.sha256 !== undefined && a.picture.sha256 === b.picture.sha256;
    return (
        <div class="compare">
            <div class="bar" role="toolbar" aria-label="How to compare">
                {MODES.map(([mode, title]) => (
                    <button
                        type="button"
                        key={mode}
                        aria-pressed={view.compare === mode}
                        onClick={() => onView({ compare: mode })}
                    >
                        {title}
                    </button>
                ))}
                <label>
                    with{' '}
                    <select
                        value={view.other?.key ?? ''}
                        onChange={(event) => onView({ other: { key: event.currentTarget.value, cell: view.cell } })}
                    >
                        {runs.map(({ key, label }) => (
                            <option key={key} value={key}>
                                {label}
                            </option>
                        ))}
                    </select>
                </label>
                {b && b.shown.pictures.length > 1 && (
                    <label>
                        picture{' '}
                        <select
                            value={String(b.picture.cell)}
                            onChange={(event) =>
                                onView({ other: { key: b.shown.key, cell: Number(event.currentTarget.value) } })
                            }
                        >
                            {b.shown.pictures.map((picture) => (
                                <option key={picture.cell} value={String(picture.cell)}>
                                    {captionOf(picture)}
                                </option>
                            ))}
                        </select>
                    </label>
                )}
            </div>
            {b ? (
                <ZoomArea zoom={view.zoom} label="Comparison" onZoom={(zoom) => onView({ zoom })}>
                    <Pair a={a} b={b} view={view} gain={gain} />
                </ZoomArea>
            ) : (
                <p class="quiet">There is no other picture to compare with yet. Change a setting and run again.</p>
            )}
            {b && view.compare === 'slider' && (
                <input
                    class="split"
                    type="range"
                    min="0"
                    max="1"
                    step="0.005"
                    aria-label="Border between the two pictures"
                    aria-valuetext={`${Math.round(view.split * 100)} % of the first picture`}
                    value={String(view.split)}
                    onInput={(event) => onView({ split: Number(event.currentTarget.value) })}
                />
            )}
            {b && view.compare === 'difference' && (
                <label class="split">
                    Amplified {gain} times{' '}
                    <input
                        type="range"
                        min="1"
                        max="16"
                        value={String(gain)}
                        onInput={(event) => setGain(Number(event.currentTarget.value))}
                    />
                </label>
            )}
            {b && <p class="quiet verdict">{same ? 'The two have the same pixels.' : `${about(a)} and ${about(b)}`}</p>}
        </div>
    );
}

function Pair({ a, b, view, gain }: { a: Side; b: Side; view: View; gain: number }) {
    const left = <img class="picture" src={a.picture.src} alt={altOf(a.shown, a.picture)} draggable={false} />;
    const right = <img class="picture" src={b.picture.src} alt={altOf(b.shown, b.picture)} draggable={false} />;
    switch (view.compare) {
        case 'side':
            return (
                <div class="pair">
                    <div class="half">
                        <Zoomed zoom={view.zoom}>{left}</Zoomed>
                    </div>
                    <div class="half">
                        <Zoomed zoom={view.zoom}>{right}</Zoomed>
                    </div>
                </div>
            );
        case 'slider':
            return (
                <div class="stack">
                    <div class="layer">
                        <Zoomed zoom={view.zoom}>{right}</Zoomed>
                    </div>
                    <div class="layer" style={{ clipPath: `inset(0 ${(1 - view.split) * 100}% 0 0)` }}>
                        <Zoomed zoom={view.zoom}>{left}</Zoomed>
                    </div>
                    <div class="border" style={{ left: `${view.split * 100}%` }} />
                </div>
            );
        case 'difference':
            return (
                <div class="stack">
                    <div class="layer isolated" style={{ filter: `brightness(${gain})` }}>
                        <Zoomed zoom={view.zoom}>
                            {left}
                            <div class="subtracted">{right}</div>
                        </Zoomed>
                    </div>
                </div>
            );
    }
}

function about({ shown, picture }: Side): string {
    const when = shown.started ? new Date(shown.started).toLocaleString() : '';
    return `${shown.name}, ${captionOf(picture)}${when && ` (${when})`}`;
}
