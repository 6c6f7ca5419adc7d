/** What a weights file is, recognised by tensors that only its family has: for true names in refusals. */

/** What a file is, as it completes "… is", and what to do with it. */
export interface Family {
    readonly what: string;
    readonly instead: string;
}

/** What a reader takes; a file of another family is refused under its own name. */
export type Role = 'model' | 'adapter' | 'controlnet' | 'vae' | 'embedding';

interface Rule extends Family {
    /** Looked for in all names of the file, one per line. */
    readonly sign: RegExp;
    /** Readers that take such files. */
    readonly roles?: readonly Role[];
    readonly when?: (tensors: Tensors) => boolean;
}

/** Tensors of a file by name. */
export type Tensors = ReadonlyMap<string, { readonly shape: readonly number[] }>;

const SUPPORTED = 'Stable Diffusion 1.x and 2.x models are supported.';
const ALONE = 'name the whole model: a checkpoint with U-Net, VAE and text encoder, or a diffusers folder.';

/** The U-Net's tensors of a single file, with or without the prefix of a checkpoint. */
const UNET = String.raw`^(?:(?:model\.)?diffusion_model\.)?`;

const unet = (rest: string) => new RegExp(UNET + rest, 'm');

/** In this order: the first rule that fits counts. */
const RULES: readonly Rule[] = [
    // Networks beside a model.
    {
        sign: /^lora_controlnet$|^(?:control_model\.)?input_blocks\.\d+\.\d+\.[\w.]*\.(?:up|down)$/m,
        what: 'a control-LoRA',
        instead: 'use the full ControlNet that it was made from.',
    },
    {
        sign: /^(?:control_model\.)?(?:task_embedding|control_add_embedding)/m,
        what: 'a union ControlNet for SDXL',
        instead: 'use a ControlNet that was made for this model.',
    },
    {
        sign: /ctrl_(?:up|down|midblock|to_base)|base_to_ctrl/,
        what: 'a ControlNet-XS',
        instead: 'use a ControlNet that was made for this model.',
    },
    { sign: /^lllite_/m, what: 'a ControlNet-LLLite', instead: 'use a ControlNet that was made for this model.' },
    {
        sign: /^(?:adapter\.)?body\.\d+\.(?:block\d|in_conv|resnets)/m,
        what: 'a T2I-Adapter',
        instead: 'use a ControlNet for the same kind of picture.',
    },
    {
        sign: /^(?:image_proj|ip_adapter)\./m,
        what: 'an IP-Adapter',
        instead: '`infuse` makes a picture resemble another one without it.',
    },
    { sign: /motion_modules\./, what: 'an AnimateDiff motion module', instead: 'sdspec makes single pictures.' },
    // Adapters, each form that has names of its own.
    { sign: /\.oft_(?:blocks|R|diag)|\.boft_/, what: 'an OFT or BOFT', instead: 'use a LoRA, LoHa, LoKr or DoRA.' },
    { sign: /\.ia3_l\b|\.on_input$/m, what: 'an IA³ adapter', instead: 'use a LoRA, LoHa, LoKr or DoRA.' },
    { sign: /\.(?:a1|a2|b1|b2)\.weight$/m, what: 'a GLoRA', instead: 'use a LoRA, LoHa, LoKr or DoRA.' },
    { sign: /\.vera_lambda_|^base_model\.vera_/m, what: 'a VeRA', instead: 'use a LoRA, LoHa, LoKr or DoRA.' },
    { sign: /_custom_diffusion\./, what: 'a Custom Diffusion', instead: 'use a LoRA, LoHa, LoKr or DoRA.' },
    {
        sign: /^(?:lora_te2|text_encoder_2)[_.]|^lora_unet_(?:label_emb|add_embedding)|[._]transformer_blocks[._][2-9][._].*(?:lora|hada|lokr)/m,
        what: 'a LoRA for SDXL',
        instead: 'use one that was made for this model.',
    },
    {
        sign: /^(?:lora_unet_|lora_transformer_|transformer\.|diffusion_model\.)(?:double_blocks|single_blocks|single_transformer_blocks)/m,
        what: 'a LoRA for Flux',
        instead: 'use one that was made for this model.',
    },
    {
        sign: /^(?:lora_unet_|lora_transformer_|transformer\.|diffusion_model\.)(?:joint_blocks|transformer_blocks)/m,
        what: 'a LoRA for a diffusion transformer (Stable Diffusion 3, Flux)',
        instead: 'use one that was made for this model.',
    },
    {
        sign: /lora[._]|\.lora_|hada_w|lokr_w|dora_scale|\.diff(?:_b)?$|\.w_norm$/m,
        what: 'a LoRA, an addition to a model',
        instead: 'declare it with `lora`, beside the model that it changes.',
        roles: ['adapter', 'embedding'],
    },
    // Models of other families.
    {
        sign: /time_mixer|time_stack|^conditioner\.embedders\.0\.open_clip/m,
        what: 'a Stable Video Diffusion model',
        instead: SUPPORTED,
    },
    { sign: /^conditioner\.embedders\.1\./m, what: 'an SDXL model', instead: SUPPORTED },
    { sign: /^conditioner\.embedders\.0\.model\./m, what: 'an SDXL refiner', instead: SUPPORTED },
    { sign: /^conditioner\.embedders\./m, what: 'an SDXL model', instead: SUPPORTED },
    { sign: unet(String.raw`joint_blocks\.`), what: 'a Stable Diffusion 3 model', instead: SUPPORTED },
    { sign: unet('distilled_guidance_layer'), what: 'a Chroma model', instead: SUPPORTED },
    { sign: unet(String.raw`txt_in\.individual_token_refiner`), what: 'a HunyuanVideo model', instead: SUPPORTED },
    { sign: unet(String.raw`(?:double_blocks\.|double_stream_modulation)`), what: 'a Flux model', instead: SUPPORTED },
    { sign: unet(String.raw`single_transformer_blocks\.`), what: 'a Flux model', instead: SUPPORTED },
    { sign: unet(String.raw`double_layers\.`), what: 'an AuraFlow model', instead: SUPPORTED },
    {
        sign: unet(String.raw`(?:clip_txt_mapper|clip_txt_pooled_mapper|clip_mapper|effnet_mapper|clf\.1)\b`),
        what: 'a Stable Cascade model',
        instead: SUPPORTED,
    },
    { sign: unet('adaln_single'), what: 'a PixArt or Sana model', instead: SUPPORTED },
    { sign: unet(String.raw`mlp_t5\.`), what: 'a HunyuanDiT model', instead: SUPPORTED },
    { sign: unet('cap_embedder'), what: 'a Lumina model', instead: SUPPORTED },
    {
        sign: unet(String.raw`(?:patch_embedding|blocks\.0\.cross_attn)\b`),
        what: 'a Wan video model',
        instead: SUPPORTED,
    },
    {
        sign: unet(String.raw`transformer_blocks\.0\.(?:img_mod|attn)\b`),
        what: 'a diffusion transformer, no U-Net',
        instead: SUPPORTED,
    },
    { sign: /^cond_stage_model\.(?:transformer\.)?roberta/m, what: 'an AltDiffusion model', instead: SUPPORTED },
    {
        sign: unet('encoder_hid_proj'),
        what: 'a model with a text encoder other than CLIP (Kolors, DeepFloyd IF)',
        instead: SUPPORTED,
    },
    {
        sign: unet(String.raw`time_embed(?:ding)?\.cond_proj\.`),
        what: 'a latent consistency model with the guidance built in',
        instead: 'use Stable Diffusion 1.5 with its LCM LoRA, and `sampler lcm`.',
    },
    {
        sign: unet(String.raw`(?:label_emb|add_embedding)\.`),
        what: 'the U-Net of an SDXL model, without its VAE and text encoders',
        instead: SUPPORTED,
        when: (tensors) => contextOf(tensors) === 2048 && !hasText(tensors),
    },
    {
        sign: unet(String.raw`(?:label_emb|add_embedding)\.`),
        what: 'an SDXL model',
        instead: SUPPORTED,
        when: (tensors) => contextOf(tensors) === 2048,
    },
    { sign: unet(String.raw`label_emb\.|^noise_augmentor\.`), what: 'a Stable unCLIP model', instead: SUPPORTED },
    {
        sign: unet(String.raw`(?:class_embedding|add_embedding)\.`),
        what: 'a U-Net with a further condition (SDXL, unCLIP or an upscaler)',
        instead: SUPPORTED,
    },
    { sign: /^depth_model\./m, what: 'a depth-to-image model', instead: SUPPORTED },
    {
        sign: unet(String.raw`(?:input_blocks\.0\.0|conv_in)\.weight$`),
        what: 'a depth-to-image model (5 input channels)',
        instead: SUPPORTED,
        when: inputs(5),
    },
    {
        sign: unet(String.raw`(?:input_blocks\.0\.0|conv_in)\.weight$`),
        what: 'an upscaling model (7 input channels)',
        instead: SUPPORTED,
        when: inputs(7),
    },
    {
        sign: unet(String.raw`(?:input_blocks\.0\.0|conv_in)\.weight$`),
        what: 'an InstructPix2Pix model (8 input channels), which edits a picture by instructions',
        instead: SUPPORTED,
        when: inputs(8),
    },
    // Stable Diffusion itself, and its parts.
    {
        sign: /^model\.diffusion_model\.(?:input|output)_blocks\./m,
        what: 'a Stable Diffusion model',
        instead: 'declare it with `model`.',
        roles: ['model', 'controlnet', 'vae'],
    },
    { sign: /^model\.diffusion_model\./m, what: 'part of a Stable Diffusion model', instead: ALONE, roles: ['model'] },
    {
        sign: /(?:^|\.)(?:zero_convs\.|controlnet_(?:down_blocks|mid_block|cond_embedding)\.)/m,
        what: 'a ControlNet',
        instead: 'declare it with `controlnet`, beside the model that it steers.',
        roles: ['controlnet'],
    },
    { sign: /^(?:output_blocks|up_blocks)\.\d/m, what: 'the U-Net of a Stable Diffusion model, alone', instead: ALONE },
    {
        sign: /^(?:first_stage_model\.)?decoder\.(?:up|up_blocks|mid|mid_block)\./m,
        what: 'a VAE, alone',
        instead: 'name it beside a model: `model … vae "…"`.',
        roles: ['vae'],
    },
    {
        sign: /^(?:encoder|decoder|taesd_\w+)\.(?:layers\.)?\d+\./m,
        what: 'a TAESD, a small VAE for previews',
        instead: 'use the full VAE of the model.',
    },
    {
        sign: /(?:^|\.)text_model\.encoder\.layers|^transformer\.resblocks\./m,
        what: 'a text encoder, alone',
        instead: ALONE,
    },
    {
        sign: /^(?:down_blocks|conv_in|encoder)\./m,
        what: 'one part of a diffusers model',
        instead: 'name the folder that holds model_index.json instead.',
    },
    {
        sign: /^(?:model\.0\.weight|conv_first\.weight|RRDB_trunk|body\.0\.rdb1)/m,
        what: 'an upscaler',
        instead: 'declare it with `upscaler`, for `print`.',
    },
    {
        sign: /^(?:emb_params|string_to_param|clip_[lg])(?:\.\*)?$/m,
        what: 'a learned embedding',
        instead: 'declare it with `embedding`.',
        roles: ['embedding'],
    },
];

/** What the file is where `role` does not take it; undefined where it does, or where nothing is known of the file. */
export function foreignFamily(tensors: Tensors, role: Role): Family | undefined {
    const names = [...tensors.keys()].join('\n');
    for (const rule of RULES) {
        if (!rule.sign.test(names) || (rule.when && !rule.when(tensors))) continue;
        return rule.roles?.includes(role) ? undefined : rule;
    }
    return undefined;
}

/** Width of the text embeddings that the U-Net reads; undefined where it reads none. */
function contextOf(tensors: Tensors): number | undefined {
    for (const [name, { shape }] of tensors) if (name.endsWith('.attn2.to_k.weight')) return shape[1];
    return undefined;
}

function hasText(tensors: Tensors): boolean {
    return [...tensors.keys()].some((name) => /^(?:cond_stage_model|conditioner|text_encoders?)\./.test(name));
}

function inputs(channels: number): (tensors: Tensors) => boolean {
    return (tensors) =>
        ['model.diffusion_model.', 'diffusion_model.', ''].some((prefix) =>
            ['input_blocks.0.0.weight', 'conv_in.weight'].some(
                (name) =>
                    tensors.get(prefix + name)?.shape[1] === channels && tensors.get(prefix + name)!.shape.length === 4,
            ),
        );
}
