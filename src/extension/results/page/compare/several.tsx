/** More than two pictures side by side: chosen from this run and from others, zoomed together. */
import type { ComparableRun, PictureName, Shown, ShownPicture } from '../../shown-run.ts';
import { PicturesBeside } from '../picture/pictures-beside.tsx';
import type { Zoom } from '../view.ts';
import { altOf, captionOf } from '../words.ts';

/** A picture that is compared, with its run. */
export interface Side {
    readonly shown: Shown;
    readonly picture: ShownPicture;
}

/** As many as are large enough to be seen on a screen. */
const MAX_MORE = 10;
/** Pictures of one run that are offered; a sweep may have thousands. */
const MAX_OFFERED = 100;

/** The pictures; below each what it is, where there are more than two. */
export function SideBySide({ sides, zoom }: { readonly sides: readonly Side[]; readonly zoom: Zoom }) {
    const pictures = sides.map(({ shown, picture }) => ({
        key: `${shown.key} ${picture.cell}`,
        src: picture.src,
        alt: altOf(shown, picture),
        width: picture.width,
        height: picture.height,
        ...(sides.length > 2 ? { caption: `${shown.name}, ${captionOf(picture)}` } : {}),
    }));
    return <PicturesBeside pictures={pictures} zoom={zoom} />;
}

interface Props {
    readonly own: Shown;
    readonly runs: readonly ComparableRun[];
    readonly more: readonly PictureName[];
    /** Those that are known: pictures of other runs come a moment later. */
    readonly sides: readonly Side[];
    readonly cell: number;
    readonly onMore: (more: readonly PictureName[]) => void;
}

/** Which further pictures are beside the two, to add and to leave out. */
export function MorePictures({ own, runs, more, sides, cell, onMore }: Props) {
    const nameOf = (value: string): PictureName => {
        const at = value.indexOf(' ');
        return { cell: Number(value.slice(0, at)), key: value.slice(at + 1) };
    };
    const others = own.pictures.filter((one) => one.cell !== cell).slice(0, MAX_OFFERED);
    const rest = runs.filter(({ key }) => key !== own.key);
    const titleOf = ({ key, cell: at }: PictureName) => {
        const side = sides.find(({ shown, picture }) => shown.key === key && picture.cell === at);
        return side ? `${side.shown.name}, ${captionOf(side.picture)}` : 'a picture';
    };
    return (
        <>
            {more.length < MAX_MORE && (
                <label>
                    and{' '}
                    <select
                        aria-label="Add a picture"
                        value=""
                        onChange={({ currentTarget }) => {
                            const { value } = currentTarget;
                            currentTarget.value = '';
                            const next = nameOf(value);
                            const has = more.some((one) => one.key === next.key && one.cell === next.cell);
                            if (value && !has) onMore([...more, next]);
                        }}
                    >
                        <option value="">another picture…</option>
                        <optgroup label="This run">
                            {others.map((one) => (
                                <option key={one.cell} value={`${one.cell} ${own.key}`}>
                                    {captionOf(one)}
                                </option>
                            ))}
                        </optgroup>
                        <optgroup label="Other runs">
                            {rest.map(({ key, label }) => (
                                <option key={key} value={`${cell} ${key}`}>
                                    {label}
                                </option>
                            ))}
                        </optgroup>
                    </select>
                </label>
            )}
            {more.map((one, k) => (
                <span key={`${one.key} ${one.cell}`} class="chip">
                    {titleOf(one)}
                    <button
                        type="button"
                        class="bare"
                        aria-label={`Leave out ${titleOf(one)}`}
                        onClick={() => onMore(more.toSpliced(k, 1))}
                    >
                        ×
                    </button>
                </span>
            ))}
        </>
    );
}
