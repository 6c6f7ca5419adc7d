/** LoRAs that a prompt names: `<lora:name:weight>`. */
import { numberOf, type OriginLora } from '../../../plan/origin.ts';

/**
 * The weight may be left out; of two the first is the text encoder's, the second the U-Net's; both may be named (`te=`,
 * `unet=`). What else it says (`lbw=`, `start=`, a third weight) is a note.
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
        const text = named('te') ?? first ?? 1;
        const weight = named('unet') ?? second ?? text;
        const rest = words.filter((word) =>
            word.includes('=') ? !/^(?:te|unet)=/.test(word) : numberOf(word) === undefined || plain.indexOf(word) > 1,
        );
        const left = rest.filter((word) => word.trim() !== '').join(', ');
        if (left) notes.push(`The LoRA ${name!.trim()} is used with ${left}: specs have one weight for all layers.`);
        return { name: name!.trim(), weight, ...(text === weight ? {} : { text }) };
    });
    return { loras, notes };
}
