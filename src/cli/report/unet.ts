/** The U-Net as SVG text, with the weights of an infusion at its layers and how they change over the steps. */
import { type LayerWeights, weightText } from '../../language/write/layer-weights.ts';
import { drawUnet } from '../../language/write/unet-drawing.ts';
import { escaped } from '../../plan/formats/markup.ts';

export function unetOf(weights: LayerWeights): string {
    const { width, height, boxes } = drawUnet(weights);
    const shapes = boxes.map(({ site, strongest, bars, isNegative, ...box }) => {
        const rect = `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" rx="3"${bars ? '' : ' class="idle"'}/>`;
        const text = (x: number, more: string, words: string) =>
            `<text x="${x}" y="${box.y + 14}"${more}>${escaped(words)}</text>`;
        if (!bars || !strongest) return rect + text(box.x + 6, '', site);
        const polygon = `<polygon class="weight${isNegative ? ' negative' : ''}" points="${bars}"/>`;
        const value = text(box.x + box.width - 6, ' class="value" text-anchor="end"', weightText(strongest));
        return rect + polygon + text(box.x + 6, '', strongest.site) + value;
    });
    const title = escaped(`Weights at the layers: ${weights.title}`);
    return `<figure class="unet"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${shapes.join('')}</svg><figcaption>${title}</figcaption></figure>`;
}
