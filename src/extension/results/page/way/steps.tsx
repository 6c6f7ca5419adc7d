/** The way to a picture: a scrubber through its trace, with every state completed in one step beneath. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Shown, ShownFrame, ShownPicture } from '../../shown-run.ts';
import { PicturesBeside } from '../picture/pictures-beside.tsx';
import { useRoom } from '../use-room.ts';
import type { View } from '../view.ts';
import { ZoomArea } from '../zoom.tsx';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly view: View;
    readonly onView: (change: Partial<View>) => void;
}

export function Steps({ shown, picture, view, onView }: Props) {
    const { trace } = picture;
    const at = Math.min(view.frame, trace.length - 1);
    const frame = trace[at];
    const strip = useRef<HTMLOListElement>(null);
    const { width: wide } = useRoom(strip, { width: 300, height: 100 });
    useLayoutEffect(() => {
        strip.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }, [at, wide]);
    if (!frame) {
        return (
            <p class="quiet">
                No steps were kept for this picture. Add <code>trace every 5 completed</code> to{' '}
                {shown.kind === 'sweep' ? 'the generate behind ' : ''}
                <code>{shown.name}</code> and run again.
            </p>
        );
    }
    const { width, height } = picture;
    const parts = partsOf(frame).map(([title, src]) => ({
        key: title,
        src,
        alt: alt(shown, frame, title),
        caption: title,
        width,
        height,
    }));
    return (
        <div class="steps">
            <ZoomArea zoom={view.zoom} label={stateWords(frame)} onZoom={(zoom) => onView({ zoom })}>
                <PicturesBeside pictures={parts} zoom={view.zoom} />
            </ZoomArea>
            <label class="scrubber">
                <span>
                    {stateWords(frame)} ({at + 1} of {trace.length})
                </span>
                <input
                    type="range"
                    min="0"
                    max={String(trace.length - 1)}
                    value={String(at)}
                    aria-valuetext={stateWords(frame)}
                    onInput={(event) => onView({ frame: Number(event.currentTarget.value) })}
                />
            </label>
            <ol class="strip" ref={strip}>
                {trace.map((one, index) => (
                    <li key={one.after}>
                        <button
                            type="button"
                            aria-label={stateWords(one)}
                            aria-current={index === at}
                            onClick={() => onView({ frame: index })}
                        >
                            <img class="picture" src={one.noisy} alt="" loading="lazy" decoding="async" />
                            {one.completed && (
                                <img class="picture" src={one.completed} alt="" loading="lazy" decoding="async" />
                            )}
                            <span>{one.after}</span>
                        </button>
                    </li>
                ))}
            </ol>
        </div>
    );
}

/** Which state of the run a frame shows. */
function stateWords({ after }: ShownFrame): string {
    return after === 0 ? 'before the first step' : `after step ${after}`;
}

/** The pictures of one frame, with what each of them is. */
function partsOf(frame: ShownFrame): readonly (readonly [title: string, src: string])[] {
    const heat = (maps: ShownFrame['attention'], title: string) =>
        Object.entries(maps ?? {}).map(([word, src]) => [`${title} “${word}”`, src] as const);
    return [
        ['as it is', frame.noisy] as const,
        ...(frame.completed ? [['completed in one step', frame.completed] as const] : []),
        ...(frame.finished ? [['finished in a few steps', frame.finished] as const] : []),
        ...heat(frame.attention, 'attention to'),
        ...heat(frame.gradient, 'effect of'),
    ];
}

function alt(shown: Shown, frame: ShownFrame, title: string): string {
    return `${shown.name} ${stateWords(frame)}, ${title}`;
}
