/** A picture among others. A large one is made small beside the page's own thread. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownPicture } from '../../shown-run.ts';
import { decode, isBig } from '../deep/big.ts';

interface Props {
    readonly picture: Pick<ShownPicture, 'src' | 'width' | 'height'>;
    readonly label: string;
    readonly lazy?: boolean;
    /** It takes another one's place: drawn with the frame that it comes in, not in one after that. */
    readonly steady?: boolean;
}

/** Pixels of the longer side of what a large picture becomes: enough for a single tile on a fine screen. */
const SMALL = 1024;

export function Thumb({ picture, label, lazy, steady }: Props) {
    if (isBig(picture)) return <Reduced picture={picture} label={label} />;
    return (
        <img
            class="picture"
            // Before the address: what is set after it comes too late for a loading that has begun.
            loading={lazy ? 'lazy' : 'eager'}
            decoding={steady ? 'sync' : 'async'}
            src={picture.src}
            alt={label}
        />
    );
}

function Reduced({ picture, label }: Pick<Props, 'picture' | 'label'>) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const [failed, setFailed] = useState(false);
    const { src, width, height } = picture;
    const share = SMALL / Math.max(width, height);
    const size = { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
    useEffect(() => {
        let left = false;
        decode(src, { resizeWidth: size.width, resizeHeight: size.height, resizeQuality: 'medium' }).then(
            (bitmap) => {
                canvas.current?.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
                canvas.current?.setAttribute('data-drawn', '');
            },
            () => left || setFailed(true),
        );
        return () => {
            left = true;
        };
    }, [src]);
    if (failed) return <img class="picture" src={src} alt={label} decoding="async" />;
    return <canvas ref={canvas} class="picture" role="img" aria-label={label} {...size} />;
}
