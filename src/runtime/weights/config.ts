/** Configurations of the parts: read from diffusers' JSON, checked, and put in the terms of the graphs. */
import { type Topology, topology } from '../../plan/topology.ts';
import { fields, type RawConfig } from './config-fields.ts';
import { ModelError } from './model-error.ts';

export interface UnetConfig {
    readonly inChannels: number;
    readonly outChannels: number;
    /** Channels of each level, the finest first: [320, 640, 1280, 1280]. */
    readonly widths: readonly number[];
    readonly layersPerBlock: number;
    /** Width of the text embeddings. */
    readonly contextWidth: number;
    /** Attention heads of each level. */
    readonly heads: readonly number[];
    readonly normGroups: number;
    readonly normEps: number;
    /** SD2 projects into its transformers with linear layers, SD1 with 1x1 convolutions. */
    readonly linearProjection: boolean;
    /** Which levels of the down path have attention; the up path mirrors it. */
    readonly downAttention: readonly boolean[];
    readonly upAttention: readonly boolean[];
    /** Residual layer, transformer, residual layer in the middle; a single residual layer (`plain`), or nothing. */
    readonly middle: 'attention' | 'plain' | 'none';
    /** Transformer blocks per attention layer, for each level. */
    readonly transformerLayers: readonly number[];
    readonly flipSinToCos: boolean;
    readonly freqShift: number;
    /** The latent side that the model was trained at. */
    readonly sampleSize: number;
}

export interface ControlNetConfig extends UnetConfig {
    /** Channels of the hint picture, usually 3. */
    readonly hintChannels: number;
    /** Channels of the hint's convolutions: [16, 32, 96, 256]. */
    readonly hintWidths: readonly number[];
    /** 'bgr' models want the hint's channels reversed. */
    readonly hintOrder: 'rgb' | 'bgr';
    /** The residuals are averaged over the picture and added to the prompted rows alone, as the shuffle ControlNet does. */
    readonly globalPool: boolean;
}

export interface VaeConfig {
    readonly imageChannels: number;
    readonly latentChannels: number;
    readonly widths: readonly number[];
    /** Residual layers per level of the encoder; the decoder has one more. */
    readonly layersPerBlock: number;
    readonly normGroups: number;
    readonly scalingFactor: number;
    readonly quantConv: boolean;
    readonly postQuantConv: boolean;
    readonly midAttention: boolean;
}

export interface TextConfig {
    readonly vocabSize: number;
    readonly width: number;
    readonly intermediateWidth: number;
    readonly layers: number;
    readonly heads: number;
    /** Longest sequence, 77. */
    readonly positions: number;
    readonly activation: 'quick_gelu' | 'gelu';
    readonly normEps: number;
    /** 2 in old configurations means: the highest id ends the text. */
    readonly eosTokenId: number;
}

export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';

/** With attention, the usual one; without, found in small ControlNets. */
const MIDDLE_BLOCKS = ['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D'] as const;

/** Reads `unet/config.json`; `where` names the file in messages. */
export function readUnetConfig(raw: RawConfig, where: string): UnetConfig {
    const field = fields(raw, where);
    refuseFamilies(raw, where);
    field.refuse({
        addition_embed_type: [null],
        class_embed_type: [null],
        encoder_hid_dim_type: [null],
        time_cond_proj_dim: [null],
        num_class_embeds: [null],
        resnet_time_scale_shift: ['default'],
        time_embedding_type: ['positional'],
        act_fn: ['silu'],
        mid_block_type: [...MIDDLE_BLOCKS],
        attention_type: ['default'],
        dual_cross_attention: [false],
        only_cross_attention: [false],
        center_input_sample: [false],
        downsample_padding: [1],
        conv_in_kernel: [3],
        conv_out_kernel: [3],
        mid_block_scale_factor: [1],
        resnet_out_scale_factor: [1],
        resnet_skip_time_act: [false],
        mid_block_only_cross_attention: [false],
        encoder_hid_dim: [null],
        time_embedding_act_fn: [null],
        timestep_post_act: [null],
        cross_attention_norm: [null],
    });
    const widths = field.counts('block_out_channels', [320, 640, 1280, 1280]);
    const down = field.names('down_block_types', ['CrossAttnDownBlock2D', 'DownBlock2D'], widths.length);
    const up = field.names('up_block_types', ['CrossAttnUpBlock2D', 'UpBlock2D'], widths.length);
    return {
        inChannels: field.count('in_channels', 4),
        outChannels: field.count('out_channels', 4),
        widths,
        layersPerBlock: field.count('layers_per_block', 2),
        contextWidth: field.count('cross_attention_dim', 1280),
        // Named attention_head_dim for historical reasons, it holds the number of heads:
        // https://github.com/huggingface/diffusers/issues/2011
        heads: field.perLevel(
            raw.num_attention_heads != null ? 'num_attention_heads' : 'attention_head_dim',
            8,
            widths.length,
        ),
        normGroups: field.count('norm_num_groups', 32),
        normEps: field.number('norm_eps', 1e-5),
        linearProjection: field.flag('use_linear_projection', false),
        downAttention: down.map((type) => type === 'CrossAttnDownBlock2D'),
        upAttention: up.map((type) => type === 'CrossAttnUpBlock2D'),
        middle: middleOf(raw.mid_block_type),
        transformerLayers: field.perLevel('transformer_layers_per_block', 1, widths.length),
        flipSinToCos: field.flag('flip_sin_to_cos', true),
        freqShift: field.number('freq_shift', 0),
        sampleSize: field.count('sample_size', 64),
    };
}

/** U-Nets of other families, recognised by the fields that only they have. */
function refuseFamilies(raw: RawConfig, where: string): void {
    const families: readonly (readonly [string, string])[] = [
        [
            'time_cond_proj_dim',
            'a latent consistency model with the guidance built in; use Stable Diffusion 1.5 with its LCM LoRA, and `sampler lcm`',
        ],
        ['addition_embed_type', 'the U-Net of an SDXL model; Stable Diffusion 1.x and 2.x models are supported'],
        [
            'encoder_hid_dim_type',
            'made for a text encoder other than CLIP; Stable Diffusion 1.x and 2.x models are supported',
        ],
        [
            'class_embed_type',
            'conditioned on more than texts (unCLIP, or an upscaler); Stable Diffusion 1.x and 2.x models are supported',
        ],
        [
            'num_class_embeds',
            'conditioned on more than texts (unCLIP, or an upscaler); Stable Diffusion 1.x and 2.x models are supported',
        ],
    ];
    const family = families.find(([name]) => raw[name] != null);
    if (family)
        throw new ModelError(
            'model/unsupported',
            `${where} (${family[0]} ${JSON.stringify(raw[family[0]])}) is ${family[1]}.`,
        );
}

/** An absent field is the usual block; an explicit null is none, as in distilled models such as segmind/tiny-sd. */
function middleOf(type: unknown): UnetConfig['middle'] {
    if (type === null) return 'none';
    return (type ?? MIDDLE_BLOCKS[0]) === MIDDLE_BLOCKS[0] ? 'attention' : 'plain';
}

/** The places that a U-Net of this configuration has. */
export function topologyOf({ widths, layersPerBlock, downAttention }: UnetConfig): Topology {
    return topology({ levels: widths.length, layersPerBlock, attention: downAttention });
}

/** Reads a ControlNet's `config.json`: a U-Net's encoder half and a small network for the hint. */
export function readControlNetConfig(raw: RawConfig, where: string): ControlNetConfig {
    const field = fields(raw, where);
    const order = raw.controlnet_conditioning_channel_order ?? 'rgb';
    if (order !== 'rgb' && order !== 'bgr') throw field.unsupported('controlnet_conditioning_channel_order');
    const levels = field.counts('block_out_channels', [320, 640, 1280, 1280]).length;
    return {
        ...readUnetConfig({ up_block_types: Array(levels).fill('UpBlock2D'), ...raw }, where),
        hintChannels: field.count('conditioning_channels', 3),
        hintWidths: field.counts('conditioning_embedding_out_channels', [16, 32, 96, 256]),
        hintOrder: order,
        globalPool: field.flag('global_pool_conditions', false),
    };
}

/** Reads `vae/config.json`. */
export function readVaeConfig(raw: RawConfig, where: string): VaeConfig {
    const field = fields(raw, where);
    field.refuse({ act_fn: ['silu'], shift_factor: [null], latents_mean: [null], latents_std: [null] });
    const widths = field.counts('block_out_channels', [128, 256, 512, 512]);
    field.names('down_block_types', ['DownEncoderBlock2D'], widths.length);
    field.names('up_block_types', ['UpDecoderBlock2D'], widths.length);
    return {
        imageChannels: field.count('in_channels', 3),
        latentChannels: field.count('latent_channels', 4),
        widths,
        layersPerBlock: field.count('layers_per_block', 2),
        normGroups: field.count('norm_num_groups', 32),
        scalingFactor: field.number('scaling_factor', 0.18215),
        quantConv: field.flag('use_quant_conv', true),
        postQuantConv: field.flag('use_post_quant_conv', true),
        midAttention: field.flag('mid_block_add_attention', true),
    };
}

/** Reads `text_encoder/config.json` of a CLIP text model. */
export function readTextConfig(raw: RawConfig, where: string): TextConfig {
    const field = fields(raw, where);
    field.refuse({ model_type: ['clip_text_model'] });
    const activation = raw.hidden_act ?? 'quick_gelu';
    if (activation !== 'quick_gelu' && activation !== 'gelu') throw field.unsupported('hidden_act');
    const width = field.count('hidden_size', 768);
    const heads = field.count('num_attention_heads', 12);
    if (width % heads !== 0) throw field.unsupported('num_attention_heads');
    return {
        vocabSize: field.count('vocab_size', 49408),
        width,
        intermediateWidth: field.count('intermediate_size', 4 * width),
        layers: field.count('num_hidden_layers', 12),
        heads,
        positions: field.count('max_position_embeddings', 77),
        activation,
        normEps: field.number('layer_norm_eps', 1e-5),
        eosTokenId: field.number('eos_token_id', 2),
    };
}

/** Reads the prediction type of a scheduler configuration; absent means epsilon. */
export function readPredictionType(raw: RawConfig, where: string): PredictionType {
    if (/FlowMatch/.test(String(raw._class_name ?? '')))
        throw new ModelError(
            'model/unsupported',
            `${where}: the model was trained by flow matching (${String(raw._class_name)}); Stable Diffusion 1.x and 2.x models are supported.`,
        );
    const type = raw.prediction_type ?? 'epsilon';
    if (type === 'epsilon' || type === 'v_prediction' || type === 'sample') return type;
    throw fields(raw, where).unsupported('prediction_type');
}
