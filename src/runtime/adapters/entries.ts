/** Entries of adapter files: which module an entry changes, and what it is for. */

/** What an entry of a module is for. */
export type EntryRole = (typeof ROLES)[number][1];

/**
 * Endings by role, in the notations of kohya and LyCORIS, of peft and diffusers, and of ComfyUI. The names that peft
 * gives adapters (`default`, `default_0`) may come before the last word.
 */
const ROLES = [
    [/\.(?:lora_up|lora_B|lora\.up|lora_linear_layer\.up)(?:\.[\w-]+)?\.weight$|\.lora_up$|\.lora_B$/, 'up'],
    [/\.(?:lora_down|lora_A|lora\.down|lora_linear_layer\.down)(?:\.[\w-]+)?\.weight$|\.lora_down$|\.lora_A$/, 'down'],
    [/\.lora_mid\.weight$/, 'mid'],
    [/\.(?:lora_up|lora_B)(?:\.[\w-]+)?\.bias$/, 'upBias'],
    [/\.alpha$/, 'alpha'],
    [/\.lora_magnitude_vector(?:\.[\w-]+)?(?:\.weight)?$/, 'magnitude'],
    [/\.dora_scale$/, 'doraScale'],
    [/\.(?:diff|w_norm)$/, 'difference'],
    [/\.(?:diff_b|b_norm)$/, 'biasDifference'],
    [/\.hada_w1_a$/, 'hadaFirstA'],
    [/\.hada_w1_b$/, 'hadaFirstB'],
    [/\.hada_w2_a$/, 'hadaSecondA'],
    [/\.hada_w2_b$/, 'hadaSecondB'],
    [/\.hada_t1$/, 'hadaFirstCore'],
    [/\.hada_t2$/, 'hadaSecondCore'],
    [/\.lokr_w1$/, 'lokrFirst'],
    [/\.lokr_w1_a$/, 'lokrFirstA'],
    [/\.lokr_w1_b$/, 'lokrFirstB'],
    [/\.lokr_w2$/, 'lokrSecond'],
    [/\.lokr_w2_a$/, 'lokrSecondA'],
    [/\.lokr_w2_b$/, 'lokrSecondB'],
    [/\.lokr_t2$/, 'lokrSecondCore'],
] as const satisfies readonly (readonly [RegExp, string])[];

export interface AdapterEntry {
    /** The module as the file names it. */
    readonly module: string;
    readonly role: EntryRole;
}

/** The module and the role of an entry; undefined for what is no entry of a module. */
export function entryOf(name: string): AdapterEntry | undefined {
    // Old diffusers: `attn1.processor.to_q_lora.down.weight`.
    const modern = name.replace(
        /\.processor\.(to_[qkv]|to_out)_lora\./,
        (_, layer: string) => `.${layer === 'to_out' ? 'to_out.0' : layer}.lora.`,
    );
    const found = ROLES.find(([pattern]) => pattern.test(modern));
    return found && { module: modern.replace(found[0], ''), role: found[1] };
}
