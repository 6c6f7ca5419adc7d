/** How far the pixels of two pictures are apart, in words. */
import { useEffect, useState } from 'preact/hooks';
import type { ShownPicture } from '../../shown-run.ts';
import { decode, isBig } from '../deep/big.ts';

/** How far the pixels of two pictures of one size are apart, once they are read. */
export function useDistance(a: ShownPicture, b: ShownPicture | undefined): string | undefined {
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
