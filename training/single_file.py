"""Writes a model folder as one file with LDM's key names, as Stable Diffusion 1.x checkpoints come: a fixture for tests.

    python single_file.py ../models/sketch OUT.safetensors
"""
import re
import sys
from safetensors.torch import load_file, save_file

RESNET = [("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"), ("conv2", "out_layers.3"), ("time_emb_proj", "emb_layers.1"), ("conv_shortcut", "skip_connection")]
OUTER = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2", "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}


def unet(key):
    for a, b in OUTER.items():
        if key.startswith(a + "."):
            return b + key[len(a):]
    if ".resnets." in key:
        for a, b in RESNET:
            key = key.replace(f".{a}.", f".{b}.")
    number = lambda f: lambda m: f(*map(int, m.groups()))
    for pattern, name in [
        (r"^down_blocks\.(\d)\.resnets\.(\d)", number(lambda i, j: f"input_blocks.{3 * i + j + 1}.0")),
        (r"^down_blocks\.(\d)\.attentions\.(\d)", number(lambda i, j: f"input_blocks.{3 * i + j + 1}.1")),
        (r"^down_blocks\.(\d)\.downsamplers\.0\.conv", number(lambda i: f"input_blocks.{3 * i + 3}.0.op")),
        (r"^up_blocks\.(\d)\.resnets\.(\d)", number(lambda i, j: f"output_blocks.{3 * i + j}.0")),
        (r"^up_blocks\.(\d)\.attentions\.(\d)", number(lambda i, j: f"output_blocks.{3 * i + j}.1")),
        (r"^up_blocks\.(\d)\.upsamplers\.0", number(lambda i: f"output_blocks.{3 * i + 2}.{1 if i == 0 else 2}")),
        (r"^mid_block\.resnets\.(\d)", number(lambda j: f"middle_block.{2 * j}")),
        (r"^mid_block\.attentions\.0", lambda m: "middle_block.1"),
    ]:
        key = re.sub(pattern, name, key)
    return key


def vae(key):
    for pattern, name in [
        (r"encoder\.down_blocks\.(\d)\.resnets\.(\d)", r"encoder.down.\1.block.\2"),
        (r"encoder\.down_blocks\.(\d)\.downsamplers\.0", r"encoder.down.\1.downsample"),
        (r"decoder\.up_blocks\.(\d)\.resnets\.(\d)", lambda m: f"decoder.up.{3 - int(m[1])}.block.{m[2]}"),
        (r"decoder\.up_blocks\.(\d)\.upsamplers\.0", lambda m: f"decoder.up.{3 - int(m[1])}.upsample"),
        (r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}"),
        (r"mid_block\.attentions\.0", "mid.attn_1"), (r"conv_shortcut", "nin_shortcut"), (r"conv_norm_out", "norm_out"),
        (r"attn_1\.group_norm", "attn_1.norm"), (r"attn_1\.to_([qkv])", r"attn_1.\1"), (r"attn_1\.to_out\.0", "attn_1.proj_out"),
    ]:
        key = re.sub(pattern, name, key)
    return key


def text(key):
    return key if key.startswith("text_model.") else "text_model." + key


def single_file(folder):
    out = {"model.diffusion_model." + unet(k): v for k, v in load_file(f"{folder}/unet/diffusion_pytorch_model.safetensors").items()}
    for k, v in load_file(f"{folder}/vae/diffusion_pytorch_model.safetensors").items():
        k = vae(k)
        linear = re.search(r"attn_1\.(q|k|v|proj_out)\.weight", k)         # LDM's are 1x1 convolutions
        out["first_stage_model." + k] = v[:, :, None, None].contiguous() if linear else v
    return out | {"cond_stage_model.transformer." + text(k): v for k, v in load_file(f"{folder}/text_encoder/model.safetensors").items()}


if __name__ == "__main__":
    state = single_file(sys.argv[1])
    save_file(state, sys.argv[2], {"format": "pt"})
    print(len(state), "tensors")
