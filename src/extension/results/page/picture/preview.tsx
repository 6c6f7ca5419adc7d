/** Live previews: small pictures of the state between steps, drawn as they come. */
import { useEffect, useRef } from 'preact/hooks';
import type { PreviewPicture, Previews } from './previews.ts';

interface Props {
    readonly previews: Previews;
    readonly cell: number;
    readonly size: { readonly width: number; readonly height: number };
}

export function Preview({ previews, cell, size }: Props) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const preview = previews.get(cell);
    useEffect(() => {
        if (preview && canvas.current) draw(canvas.current, preview);
    }, [preview]);
    if (!preview) return <div class="blank" style={{ aspectRatio: `${size.width} / ${size.height}` }} />;
    return (
        <canvas
            ref={canvas}
            class="picture preview"
            role="img"
            aria-label={preview.draft ? `Draft in ${preview.draft} steps` : `Preview after step ${preview.step + 1}`}
            data-step={preview.step}
            data-draft={preview.draft}
            data-former={preview.isFormer}
        />
    );
}

function draw(canvas: HTMLCanvasElement, { width, height, data }: PreviewPicture): void {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    if (!context) return;
    const image = context.createImageData(width, height);
    for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
        image.data[to] = data[from] ?? 0;
        image.data[to + 1] = data[from + 1] ?? 0;
        image.data[to + 2] = data[from + 2] ?? 0;
        image.data[to + 3] = 255;
    }
    context.putImageData(image, 0, 0);
}
