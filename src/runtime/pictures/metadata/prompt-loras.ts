/** LoRAs that a prompt names: `<lora:name:weight>`. */
import { numberOf, type OriginLora } from '../../../plan/origin.ts';
import { BLOCKS, type Block, type BlockWeight } from '../../../plan/sites.ts';

/**
 * The weight may be left out; of two the first is the text encoder's, the second the U-Net's; both may be named (`te=`,
 * `unet=`). Numbers for blocks (`lbw=`) are read in both lengths of LoRA Block Weight for Stable Diffusion 1 and 2. What else it
 * says (a name behind `lbw=`, `start=`, a third weight) is a note.
 */
export function promptLoras(prompt: string): {
    readonly loras: readonly OriginLora[];
    readonly notes: readonly string[];
} {
    const notes: string[] = [];
    const loras = [...prompt.matchAll(/<(?:lora|lyco):([^:<>]+)((?::[^:<>]*)*)>/g)].map(([, name, more]) => {
        const words = more!.split(':').slice(1);
        const named = (key: string) =>
            numberOf(words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1));
        const plain = words.filter((word) => !word.includes('='));
        const [first, second] = plain.map(numberOf);
        const byBlock = blockWeights(words.find((word) => word.startsWith('lbw='))?.slice(4));
        const plainText = named('te') ?? first ?? 1;
        const weight = named('unet') ?? second ?? plainText;
        const text = plainText * (byBlock?.base ?? 1);
        const rest = words.filter((word) =>
            word.includes('=')
                ? !/^(?:te|unet)=/.test(word) && !(byBlock && word.startsWith('lbw='))
                : numberOf(word) === undefined || plain.indexOf(word) > 1,
        );
        const left = rest.filter((word) => word.trim() !== '').join(', ');
        if (left)
            notes.push(
                `The LoRA ${name!.trim()} is used with ${left}, which is not taken over: write \`apply\` with the layers' weights.`,
            );
        const blocks = byBlock && { blocks: byBlock.blocks };
        return { name: name!.trim(), weight, ...(text === weight ? {} : { text }), ...blocks };
    });
    return { loras, notes };
}

/** The blocks with attention, which a LoRA without convolutions changes: what the short form lists. */
const WITH_ATTENTION: readonly Block[] = [
    ...(['IN01', 'IN02', 'IN04', 'IN05', 'IN07', 'IN08', 'M00'] as const),
    ...BLOCKS.filter((block) => block >= 'OUT03'),
];

/** `base,IN01,…`: the factor of the text encoder, then 16 or 25 of blocks. Undefined for names of presets and other lengths. */
function blockWeights(text = ''): { readonly base: number; readonly blocks: readonly BlockWeight[] } | undefined {
    const [base, ...factors] = text.split(',').map(numberOf);
    const listed = [WITH_ATTENTION, BLOCKS].find(({ length }) => length === factors.length);
    if (!listed || base === undefined || factors.includes(undefined)) return undefined;
    return { base, blocks: listed.flatMap((block, k) => (factors[k] ? [{ block, weight: factors[k] }] : [])) };
}
