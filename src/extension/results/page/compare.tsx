/** Two pictures compared: side by side, behind a slider, or by their difference. */
import { useEffect, useState } from 'preact/hooks';
import type { ToPage } from '../messages.ts';
import type { ComparableRun, PictureName, SettingChange, ShownPicture } from '../shown-run.ts';
import { MorePictures, type Side, SideBySide } from './compare/several.tsx';
import { decode, isBig } from './deep/big.ts';
import { host } from './memory.ts';
import type { View } from './view.ts';
import { altOf, captionOf } from './words.ts';
import { ZoomArea, Zoomed } from './zoom.tsx';

interface Props {
    readonly a: Side;
    readonly b: Side | undefined;
    /** Further pictures side by side, as far as they are known. */
    readonly more: readonly Side[];
    /** Runs that can be on the other side, the likeliest first. */
    readonly runs: readonly ComparableRun[];
    readonly differences: ComparedSettings | undefined;
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

const MODES = [
    ['side', 'Side by side'],
    ['slider', 'Slider'],
    ['difference', 'Difference'],
] as const;

const GROUPS: Readonly<Record<ComparableRun['group'], string>> = {
    base: 'Base',
    earlier: 'Runs of the same name',
    other: 'Other runs',
};

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
                        {(['base', 'earlier', 'other'] as const).map((group) => {
                            const own = runs.filter((run) => run.group === group);
                            if (own.length === 0) return null;
                            return (
                                <optgroup key={group} label={GROUPS[group]}>
                                    {own.map(({ key, label }) => (
                                        <option key={key} value={key}>
                                            {label}
                                        </option>
                                    ))}
                                </optgroup>
                            );
                        })}
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
                {b && view.compare === 'side' && (
                    <MorePictures
                        own={a.shown}
                        runs={runs}
                        more={view.more ?? []}
                        sides={more}
                        cell={a.picture.cell}
                        onMore={(next) => onView({ more: next })}
                    />
                )}
            </div>
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
                        <td>{a ?? '–'}</td>
                        <th scope="row">{setting}</th>
                        <td>{b ?? '–'}</td>
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

/** How far the pixels of two pictures of one size are apart, once they are read. */
function useDistance(a: ShownPicture, b: ShownPicture | undefined): string | undefined {
    const [text, setText] = useState<string>();
    useEffect(() => {
        setText(undefined);
        if (!b || a.width !== b.width || a.height !== b.height || isBig(a)) return;
        let left = false;
        Promise.all([pixelsOf(a), pixelsOf(b)]).then(
            ([one, other]) => left || setText(distanceWords(one, other)),
            () => {},
        );
        return () => {
            left = true;
        };
    }, [a.src, b?.src]);
    return text;
}

async function pixelsOf({ src, width, height }: ShownPicture): Promise<Uint8ClampedArray> {
    const context = new OffscreenCanvas(width, height).getContext('2d')!;
    context.drawImage(await decode(src), 0, 0);
    return context.getImageData(0, 0, width, height).data;
}

/** A pixel that differs by less than this in every channel looks the same. */
const VISIBLE = 8;

function distanceWords(a: Uint8ClampedArray, b: Uint8ClampedArray): string {
    let sum = 0;
    let changed = 0;
    for (let at = 0; at < a.length; at += 4) {
        let most = 0;
        for (let channel = 0; channel < 3; channel++) {
            const apart = Math.abs(a[at + channel]! - b[at + channel]!);
            sum += apart;
            most = Math.max(most, apart);
        }
        if (most >= VISIBLE) changed++;
    }
    const share = (400 * changed) / a.length;
    return `${share.toFixed(share < 10 ? 1 : 0)} % of the pixels differ, by ${((4 * sum) / (3 * a.length)).toFixed(1)} of 255 on average`;
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
