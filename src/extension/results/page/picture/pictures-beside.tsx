/** Pictures beside and below each other, in as many columns as make them largest; zoomed together. */
import { useRef } from 'preact/hooks';
import { useRoom } from '../use-room.ts';
import type { Zoom } from '../view.ts';
import { Zoomed } from '../zoom.tsx';
import { CAPTION_LINE, columnsFor } from './columns.ts';

export interface PicturesProps {
    readonly pictures: readonly PictureBeside[];
    readonly zoom: Zoom;
}

export interface PictureBeside {
    readonly key: string;
    readonly src: string;
    readonly alt: string;
    /** What is below it. */
    readonly caption?: string;
    /** Pixels. */
    readonly width: number;
    readonly height: number;
}

export function PicturesBeside({ pictures, zoom }: PicturesProps) {
    const area = useRef<HTMLDivElement>(null);
    const room = useRoom(area, { width: 600, height: 400 });
    const [first] = pictures;
    const shape = {
        aspect: first ? first.width / first.height : 1,
        below: pictures.some(({ caption }) => caption !== undefined) ? CAPTION_LINE : 0,
    };
    const columns = columnsFor(pictures.length, room, shape);
    return (
        <div ref={area} class="pair" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
            {pictures.map(({ key, src, alt, caption, width, height }) => (
                <figure key={key} class="half">
                    <div class="half" style={{ aspectRatio: `${width} / ${height}` }}>
                        <Zoomed zoom={zoom}>
                            <img class="picture" src={src} alt={alt} draggable={false} />
                        </Zoomed>
                    </div>
                    {caption !== undefined && <figcaption>{caption}</figcaption>}
                </figure>
            ))}
        </div>
    );
}
