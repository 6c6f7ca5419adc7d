"""The text encoder and U-Net (SD 1.x topology at small widths), and a plain DDIM sampler."""
import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

WIDTHS, TEXT = [48, 96, 160, 192], 128
SCHEDULE = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
SCHED = SCHEDULE | dict(clip_sample=False, set_alpha_to_one=False, steps_offset=1)


def build_text(vocab):
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=vocab, hidden_size=TEXT, intermediate_size=4 * TEXT, num_hidden_layers=4, num_attention_heads=4,
        max_position_embeddings=77, projection_dim=TEXT, hidden_act="quick_gelu", attention_dropout=0.0,
        bos_token_id=vocab - 2, eos_token_id=vocab - 1, pad_token_id=vocab - 1))


def build_unet(widths=None):
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=widths or WIDTHS, layers_per_block=2,
        down_block_types=["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"], up_block_types=["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
        cross_attention_dim=TEXT, attention_head_dim=4, norm_num_groups=16)
    torch.nn.init.zeros_(unet.conv_out.weight)     # the first prediction is zero noise, not random noise
    torch.nn.init.zeros_(unet.conv_out.bias)
    return unet


def tokenise(tok, texts):
    """-> ids [len(texts), 77]"""
    return tok(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids


@torch.no_grad()
def ddim(unet, ctx, uncond, noise, steps=25, cfg=6.0):
    """ctx [n, 77, d], uncond [1, 77, d], noise [n, 4, 16, 16] -> latents [n, 4, 16, 16]"""
    s, x = DDIMScheduler(**SCHED), noise
    s.set_timesteps(steps)
    both = torch.cat([uncond.expand_as(ctx), ctx])
    for t in s.timesteps:
        eu, ec = unet(torch.cat([x, x]), t, both).sample.float().chunk(2)
        x = s.step(eu + cfg * (ec - eu), t, x).prev_sample
    return x


@torch.no_grad()
def decode(vae, z):
    """latents [n, 4, 16, 16] -> pictures [n, 128, 128, 3] as uint8"""
    y = vae.decode(z / vae.config.scaling_factor).sample
    return ((y.clamp(-1, 1).permute(0, 2, 3, 1).float().cpu().numpy() + 1) * 127.5).round().astype("uint8")
