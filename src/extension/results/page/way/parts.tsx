/** What a mosaic or a print has beside its picture: the endless zoom, the stages of a print, and measures of both. */
import type { Fact, Shown, ShownMosaic, ShownPrint } from '../../shown-run.ts';
import { Thumb } from '../picture/thumb.tsx';

/** Figures on one line, above the pictures. */
export function Measures({ measures }: { readonly measures: readonly Fact[] }) {
    return (
        <dl class="measures" aria-label="Measures">
            {measures.map(([label, value]) => (
                <div key={label}>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

export function EndlessZoom({ shown, parts }: { readonly shown: Shown; readonly parts: ShownMosaic }) {
    if (!parts.zoom) {
        return (
            <p class="quiet">
                There is no endless zoom of this mosaic. Write <code>depth 2 zoom</code> in <code>{shown.name}</code>{' '}
                and run again.
            </p>
        );
    }
    return (
        <figure class="endless">
            <img class="picture" src={parts.zoom} alt={`${shown.name}: an endless zoom into its tiles`} />
        </figure>
    );
}

/** From the first picture to the sheet of paper. */
export function Stages({ shown, parts }: { readonly shown: Shown; readonly parts: ShownPrint }) {
    return (
        <ol class="stages" aria-label={`Stages of ${shown.name}`}>
            {parts.stages.map(({ title, src, width, height, seconds }) => {
                const picture = { src, width, height };
                const alt = `${shown.name}, ${title}, ${width} by ${height} pixels`;
                return (
                    <li key={title + src} style={{ '--shape': `${width} / ${height}` }}>
                        <figure>
                            <Thumb picture={picture} label={alt} lazy />
                            <figcaption>
                                {title}{' '}
                                <span class="quiet">
                                    {width}×{height}
                                    {seconds === undefined ? '' : `, ${seconds.toFixed(1)} s`}
                                </span>
                            </figcaption>
                        </figure>
                    </li>
                );
            })}
        </ol>
    );
}
