/** Names of single files (LDM, OpenCLIP) given in diffusers' names. The layout is that of the published SD1 and SD2 files. */

/** Prefixes of the parts inside a single file. */
export const LDM = {
    unet: 'model.diffusion_model.',
    vae: 'first_stage_model.',
    clip: 'cond_stage_model.transformer.',
    openclip: 'cond_stage_model.model.',
    control: 'control_model.',
} as const;

const LEVELS = 4;
const PER_LEVEL = 3;

/** `input_blocks.4.1.proj_in.weight` → `down_blocks.1.attentions.0.proj_in.weight`; undefined for foreign names. */
export function unetName(ldm: string): string | undefined {
    const simple = match(ldm, [
        [/^time_embed\.0\./, 'time_embedding.linear_1.'],
        [/^time_embed\.2\./, 'time_embedding.linear_2.'],
        [/^input_blocks\.0\.0\./, 'conv_in.'],
        [/^out\.0\./, 'conv_norm_out.'],
        [/^out\.2\./, 'conv_out.'],
        [/^middle_block\.1\./, 'mid_block.attentions.0.'],
    ]);
    if (simple !== undefined) return simple;
    const parts = /^(input_blocks|output_blocks)\.(\d+)\.(\d)\.(.+)$/.exec(ldm);
    if (parts) {
        const [, path, block, layer, rest] = parts as unknown as [string, string, string, string, string];
        return path === 'input_blocks' ? downName(+block, +layer, rest) : upName(+block, +layer, rest);
    }
    const middle = /^middle_block\.([02])\.(.+)$/.exec(ldm);
    if (middle) return `mid_block.resnets.${+middle[1]! / 2}.${resnetName(middle[2]!)}`;
    return undefined;
}

function downName(block: number, layer: number, rest: string): string | undefined {
    const level = Math.floor((block - 1) / PER_LEVEL);
    const index = (block - 1) % PER_LEVEL;
    if (level >= LEVELS) return undefined;
    if (index === 2) {
        return rest.startsWith('op.') ? `down_blocks.${level}.downsamplers.0.conv.${rest.slice(3)}` : undefined;
    }
    return layer === 0
        ? `down_blocks.${level}.resnets.${index}.${resnetName(rest)}`
        : `down_blocks.${level}.attentions.${index}.${rest}`;
}

function upName(block: number, layer: number, rest: string): string | undefined {
    const level = Math.floor(block / PER_LEVEL);
    const index = block % PER_LEVEL;
    if (level >= LEVELS) return undefined;
    if (layer === 0) return `up_blocks.${level}.resnets.${index}.${resnetName(rest)}`;
    if (/^conv\.(weight|bias)$/.test(rest)) return `up_blocks.${level}.upsamplers.0.${rest}`;
    return layer === 1 ? `up_blocks.${level}.attentions.${index}.${rest}` : undefined;
}

const RESNET: readonly (readonly [RegExp, string])[] = [
    [/^in_layers\.0\./, 'norm1.'],
    [/^in_layers\.2\./, 'conv1.'],
    [/^emb_layers\.1\./, 'time_emb_proj.'],
    [/^out_layers\.0\./, 'norm2.'],
    [/^out_layers\.3\./, 'conv2.'],
    [/^skip_connection\./, 'conv_shortcut.'],
];

function resnetName(rest: string): string {
    return match(rest, RESNET) ?? rest;
}

/** The way back: `down_blocks.1.attentions.0.proj_in.weight` → `input_blocks.4.1.proj_in.weight`; others stay. */
export function unetLdmName(name: string): string {
    return replaceFirst(name, UNET_BACK).replace(
        /(?<=^(?:input|output|middle)_blocks?\.(?:\d+\.)?\d\.)[a-z]\w*\./,
        (layer) => RESNET_BACK[layer] ?? layer,
    );
}

const UNET_BACK: readonly Rule[] = [
    [/^time_embedding\.linear_1\./, 'time_embed.0.'],
    [/^time_embedding\.linear_2\./, 'time_embed.2.'],
    [/^conv_in\./, 'input_blocks.0.0.'],
    [/^conv_norm_out\./, 'out.0.'],
    [/^conv_out\./, 'out.2.'],
    [/^mid_block\.attentions\.0\./, 'middle_block.1.'],
    [/^mid_block\.resnets\.(\d)\./, (_, index) => `middle_block.${2 * +index!}.`],
    [
        /^down_blocks\.(\d)\.resnets\.(\d)\./,
        (_, level, index) => `input_blocks.${PER_LEVEL * +level! + +index! + 1}.0.`,
    ],
    [
        /^down_blocks\.(\d)\.attentions\.(\d)\./,
        (_, level, index) => `input_blocks.${PER_LEVEL * +level! + +index! + 1}.1.`,
    ],
    [/^down_blocks\.(\d)\.downsamplers\.0\.conv\./, (_, level) => `input_blocks.${PER_LEVEL * (+level! + 1)}.0.op.`],
    [/^up_blocks\.(\d)\.resnets\.(\d)\./, (_, level, index) => `output_blocks.${PER_LEVEL * +level! + +index!}.0.`],
    [/^up_blocks\.(\d)\.attentions\.(\d)\./, (_, level, index) => `output_blocks.${PER_LEVEL * +level! + +index!}.1.`],
    // The deepest level has no attention, so its upsampler comes second.
    [
        /^up_blocks\.(\d)\.upsamplers\.0\./,
        (_, level) => `output_blocks.${PER_LEVEL * +level! + 2}.${level === '0' ? 1 : 2}.`,
    ],
];

const RESNET_BACK: Readonly<Record<string, string>> = {
    'norm1.': 'in_layers.0.',
    'conv1.': 'in_layers.2.',
    'time_emb_proj.': 'emb_layers.1.',
    'norm2.': 'out_layers.0.',
    'conv2.': 'out_layers.3.',
    'conv_shortcut.': 'skip_connection.',
};

/** `decoder.up.3.block.0.nin_shortcut.weight` → `decoder.up_blocks.0.resnets.0.conv_shortcut.weight`. */
export function vaeName(ldm: string): string {
    return ldm
        .replace(/^encoder\.down\.(\d)\.block\.(\d)\./, 'encoder.down_blocks.$1.resnets.$2.')
        .replace(/^encoder\.down\.(\d)\.downsample\./, 'encoder.down_blocks.$1.downsamplers.0.')
        .replace(
            /^decoder\.up\.(\d)\.block\.(\d)\./,
            (_, level, j) => `decoder.up_blocks.${LEVELS - 1 - level}.resnets.${j}.`,
        )
        .replace(
            /^decoder\.up\.(\d)\.upsample\./,
            (_, level) => `decoder.up_blocks.${LEVELS - 1 - level}.upsamplers.0.`,
        )
        .replace(/\.mid\.block_([12])\./, (_, block) => `.mid_block.resnets.${block - 1}.`)
        .replace(
            /\.mid\.attn_1\.(norm|q|k|v|proj_out)\./,
            (_, layer) => `.mid_block.attentions.0.${VAE_ATTENTION[layer]}.`,
        )
        .replace('.nin_shortcut.', '.conv_shortcut.')
        .replace(/coder\.norm_out\./, 'coder.conv_norm_out.');
}

const VAE_ATTENTION: Readonly<Record<string, string>> = {
    norm: 'group_norm',
    q: 'to_q',
    k: 'to_k',
    v: 'to_v',
    proj_out: 'to_out.0',
};

/** The way back for the VAE. */
export function vaeLdmName(name: string): string {
    const layer = Object.fromEntries(Object.entries(VAE_ATTENTION).map(([ldm, own]) => [own, ldm]));
    return name
        .replace(/^encoder\.down_blocks\.(\d)\.resnets\.(\d)\./, 'encoder.down.$1.block.$2.')
        .replace(/^encoder\.down_blocks\.(\d)\.downsamplers\.0\./, 'encoder.down.$1.downsample.')
        .replace(
            /^decoder\.up_blocks\.(\d)\.resnets\.(\d)\./,
            (_, level, j) => `decoder.up.${LEVELS - 1 - level}.block.${j}.`,
        )
        .replace(
            /^decoder\.up_blocks\.(\d)\.upsamplers\.0\./,
            (_, level) => `decoder.up.${LEVELS - 1 - level}.upsample.`,
        )
        .replace(/\.mid_block\.resnets\.(\d)\./, (_, block) => `.mid.block_${+block + 1}.`)
        .replace(
            /\.mid_block\.attentions\.0\.(group_norm|to_[qkv]|to_out\.0)\./,
            (_, own: string) => `.mid.attn_1.${layer[own]}.`,
        )
        .replace('.conv_shortcut.', '.nin_shortcut.')
        .replace('coder.conv_norm_out.', 'coder.norm_out.');
}

/** `text_model.encoder.layers.0.mlp.fc1.bias` → the same without its prefix. */
export function clipName(ldm: string): string {
    return ldm.replace(/^text_model\./, '');
}

const OPENCLIP: readonly (readonly [RegExp, string])[] = [
    [/^token_embedding\./, 'embeddings.token_embedding.'],
    [/^positional_embedding$/, 'embeddings.position_embedding.weight'],
    [/^ln_final\./, 'final_layer_norm.'],
];

const OPENCLIP_LAYER: readonly (readonly [RegExp, string])[] = [
    [/^attn\.out_proj\./, 'self_attn.out_proj.'],
    [/^ln_1\./, 'layer_norm1.'],
    [/^ln_2\./, 'layer_norm2.'],
    [/^mlp\.c_fc\./, 'mlp.fc1.'],
    [/^mlp\.c_proj\./, 'mlp.fc2.'],
];

/**
 * OpenCLIP's names. `attn.in_proj_weight` holds query, key and value in one tensor: it keeps the name
 * `encoder.layers.N.self_attn.in_proj.weight` and is split by the reader.
 */
export function openclipName(name: string): string | undefined {
    const simple = match(name, OPENCLIP);
    if (simple !== undefined) return simple;
    const parts = /^transformer\.resblocks\.(\d+)\.(.+)$/.exec(name);
    if (!parts) return undefined;
    const [, layer, rest] = parts as unknown as [string, string, string];
    const joined = /^attn\.in_proj_(weight|bias)$/.exec(rest);
    const local = joined ? `self_attn.in_proj.${joined[1]}` : match(rest, OPENCLIP_LAYER);
    return local === undefined ? undefined : `encoder.layers.${layer}.${local}`;
}

const CONTROL: readonly (readonly [RegExp, string])[] = [
    [/^input_hint_block\.0\./, 'controlnet_cond_embedding.conv_in.'],
    [/^input_hint_block\.14\./, 'controlnet_cond_embedding.conv_out.'],
    [/^middle_block_out\.0\./, 'controlnet_mid_block.'],
];

/** ControlNet: the U-Net's names, the hint's convolutions and the "zero" convolutions. */
export function controlName(ldm: string): string | undefined {
    const hint = /^input_hint_block\.(\d+)\.(.+)$/.exec(ldm);
    const zero = /^zero_convs\.(\d+)\.0\.(.+)$/.exec(ldm);
    return (
        match(ldm, CONTROL) ??
        (hint ? `controlnet_cond_embedding.blocks.${+hint[1]! / 2 - 1}.${hint[2]}` : undefined) ??
        (zero ? `controlnet_down_blocks.${zero[1]}.${zero[2]}` : undefined) ??
        unetName(ldm)
    );
}

/** The way back for ControlNets. */
export function controlLdmName(name: string): string {
    return replaceFirst(name, CONTROL_BACK) === name ? unetLdmName(name) : replaceFirst(name, CONTROL_BACK);
}

const CONTROL_BACK: readonly Rule[] = [
    [/^controlnet_cond_embedding\.conv_in\./, 'input_hint_block.0.'],
    [/^controlnet_cond_embedding\.conv_out\./, 'input_hint_block.14.'],
    [/^controlnet_cond_embedding\.blocks\.(\d)\./, (_, block) => `input_hint_block.${2 * (+block! + 1)}.`],
    [/^controlnet_down_blocks\.(\d+)\./, 'zero_convs.$1.0.'],
    [/^controlnet_mid_block\./, 'middle_block_out.0.'],
];

type Rule = readonly [pattern: RegExp, name: string | ((...parts: string[]) => string)];

/** The name changed by the first rule that fits, or as it is. */
function replaceFirst(name: string, rules: readonly Rule[]): string {
    const rule = rules.find(([pattern]) => pattern.test(name));
    return rule ? name.replace(rule[0], rule[1] as string) : name;
}

/** The name with its beginning replaced by the first rule that fits. */
function match(name: string, rules: readonly (readonly [RegExp, string])[]): string | undefined {
    for (const [pattern, replacement] of rules) if (pattern.test(name)) return name.replace(pattern, replacement);
    return undefined;
}
