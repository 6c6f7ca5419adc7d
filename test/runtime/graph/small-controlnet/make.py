"""Makes this folder's reference with diffusers: a ControlNet without attention, its input and its residuals.

    python make.py
"""
import json
import os
import torch
from diffusers import ControlNetModel
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)
net = ControlNetModel(
    down_block_types=["DownBlock2D"] * 4, mid_block_type="UNetMidBlock2D", block_out_channels=[8, 16, 16, 24], layers_per_block=2,
    norm_num_groups=4, cross_attention_dim=16, attention_head_dim=2, conditioning_embedding_out_channels=(4, 4, 8, 8)).eval()
for name, p in net.named_parameters():
    if name.startswith(("controlnet_down", "controlnet_mid", "controlnet_cond_embedding.conv_out")):
        torch.nn.init.normal_(p, std=0.2)              # these begin at zero
net.half().save_pretrained(HERE)
net.float()
config = f"{HERE}/config.json"
kept = {k: v for k, v in json.load(open(config)).items() if k != "_name_or_path"}
with open(config, "w") as f:
    json.dump(kept, f, indent=2)
    f.write("\n")
sample, context, hint = torch.randn(2, 4, 8, 16), torch.randn(2, 5, 16), torch.rand(2, 3, 64, 128)
with torch.no_grad():
    down, mid = net(sample, torch.tensor(421), context, hint, conditioning_scale=0.7, return_dict=False)
save_file({"sample": sample, "context": context, "hint": hint, "mid": mid} | {f"down.{i}": d.contiguous() for i, d in enumerate(down)}, f"{HERE}.expected.safetensors")
