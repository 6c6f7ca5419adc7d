/** Two pictures compared: side by side, behind a slider, or by their difference. */
import { useEffect, useState } from 'preact/hooks';
import type { ToPage } from '../../messages.ts';
import type { PictureName, SettingChange } from '../../shown-run.ts';
import { host } from '../memory.ts';
import type { View } from '../view.ts';
import { altOf, captionOf } from '../words.ts';
import { ZoomArea, Zoomed } from '../zoom.tsx';
import { Choices, type ChoicesProps } from './choices.tsx';
import { useDistance } from './distance.ts';
import { type Side, SideBySide } from './several.tsx';

interface Props extends ChoicesProps {
    readonly differences: ComparedSettings | undefined;
}

/** The settings that differ between two pictures, as the host has found them. */
export type ComparedSettings = Extract<ToPage, { readonly kind: 'differences' }>;

export function Compare({ a, b, more, runs, differences, view, onView }: Props) {
    const [nameA, nameB] = [nameOf(a), b && nameOf(b)];
    useEffect(() => {
        if (nameB) host.postMessage({ kind: 'differences', a: nameA, b: nameB });
    }, [nameA.key, nameA.cell, nameB?.key, nameB?.cell]);
    const distance = useDistance(a.picture, b?.picture);
    const known = differences && nameB && isSame(differences.a, nameA) && isSame(differences.b, nameB);
    const [gain, setGain] = useState(4);
    const same = b && a.picture.sha256 !== undefined && a.picture.sha256 === b.picture.sha256;
    return (
        <div class="compare">
            <Choices a={a} b={b} more={more} runs={runs} view={view} onView={onView} />
            {b ? (
                <ZoomArea zoom={view.zoom} label="Comparison" onZoom={(zoom) => onView({ zoom })}>
                    <Pair a={a} b={b} more={more} view={view} gain={gain} />
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
            {b && known && <Settings all={differences.all} />}
            {b && (
                <p class="quiet verdict">
                    {same
                        ? 'The two have the same pixels.'
                        : `${about(a, b)} and ${about(b, a)}${distance ? `: ${distance}` : ''}`}
                </p>
            )}
        </div>
    );
}

function nameOf({ shown: { key }, picture: { cell } }: Side): PictureName {
    return { key, cell };
}

function isSame(a: PictureName, b: PictureName): boolean {
    return a.key === b.key && a.cell === b.cell;
}

/** The settings that differ, between the pictures that they make. */
function Settings({ all }: { readonly all: readonly SettingChange[] }) {
    if (all.length === 0) return <p class="quiet verdict">Their settings are the same.</p>;
    return (
        <table class="differing" aria-label="Settings that differ">
            <tbody>
                {all.map(({ setting, a, b }, k) => (
                    <tr key={k}>
                        <td>{a ?? 'none'}</td>
                        <th scope="row">{setting}</th>
                        <td>{b ?? 'none'}</td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

interface PairProps {
    readonly a: Side;
    readonly b: Side;
    readonly more: readonly Side[];
    readonly view: View;
    readonly gain: number;
}

function Pair({ a, b, more, view, gain }: PairProps) {
    const left = <img class="picture" src={a.picture.src} alt={altOf(a.shown, a.picture)} draggable={false} />;
    const right = <img class="picture" src={b.picture.src} alt={altOf(b.shown, b.picture)} draggable={false} />;
    switch (view.compare) {
        case 'side':
            return <SideBySide sides={[a, b, ...more]} zoom={view.zoom} />;
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

/** What a side is: by its run's name, and, where both have the same one, by its time. */
function about({ shown, picture }: Side, other: Side): string {
    const isSameName = shown.name === other.shown.name && shown.key !== other.shown.key;
    const when = isSameName && shown.started ? new Date(shown.started) : undefined;
    const time = when?.toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' });
    return `${shown.name}, ${captionOf(picture)}${time ? ` (${time})` : ''}`;
}
