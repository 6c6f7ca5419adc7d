/** One picture as large as there is room, zoomed and moved; while it is made again, its draft. */
import type { Shown, ShownPicture } from '../../shown-run.ts';
import { replacesFormer } from '../picture/former.ts';
import { Preview } from '../picture/preview.tsx';
import type { Previews } from '../picture/previews.ts';
import { mostOf, type View } from '../view.ts';
import { altOf, captionOf, zoomWords } from '../words.ts';
import { ZoomArea, Zoomed } from '../zoom.tsx';
import { isBig } from './big.ts';
import { Deep } from './deep.tsx';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly previews: Previews;
    readonly view: View;
    readonly onView: (part: Partial<View>) => void;
}

export function Large({ shown, picture, previews, view, onView }: Props) {
    const pyramid = shown.parts?.kind === 'mosaic' ? shown.parts.pyramid : undefined;
    const size = pyramid ?? picture;
    const preview = previews.get(picture.cell);
    const label = altOf(shown, picture);
    return (
        <div class="large">
            <ZoomArea zoom={view.zoom} label={label} most={mostOf(size)} onZoom={(zoom) => onView({ zoom })}>
                {pyramid || isBig(picture) ? (
                    <Deep picture={picture} pyramid={pyramid} zoom={view.zoom} label={label} />
                ) : (
                    <Zoomed zoom={view.zoom}>
                        {preview && replacesFormer(preview, shown, picture) ? (
                            <Preview previews={previews} cell={picture.cell} size={shown.size} />
                        ) : (
                            <img class="picture" src={picture.src} alt={label} draggable={false} />
                        )}
                    </Zoomed>
                )}
            </ZoomArea>
            <p class="quiet verdict">
                {captionOf(picture)} · {size.width}×{size.height} · {zoomWords(view.zoom)}
            </p>
        </div>
    );
}
