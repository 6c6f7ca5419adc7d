"""Latents of the nano models with files in unusual forms, as diffusers (0.40, cpu, fp32) makes them.

    python make.py        # needs torch, safetensors and diffusers

What an adapter does to the weights is written down here; `adapters/forms.json` compares the same formulas with peft's and
LyCORIS' own code, layer by layer. The tests write the files, and compare the latents.
"""
import os
import torch
from diffusers import (ControlNetModel, EulerDiscreteScheduler, StableDiffusionControlNetPipeline, StableDiffusionPipeline,
                       UNet2DConditionModel)
from safetensors.torch import load_file, save_file

torch.set_grad_enabled(False)
HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "..", "models")
PEFT = load_file(f"{MODELS}/adapters/nano-lora.peft.safetensors")
QUERY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"


def pipeline(name="nano-sd15", kind=StableDiffusionPipeline, **parts):
    variant = {"variant": "fp16"} if name == "nano-sd21" else {}
    pipe = kind.from_pretrained(f"{MODELS}/{name}", safety_checker=None, torch_dtype=torch.float32, **variant, **parts)
    pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def latents(pipe, **more):
    generator = torch.Generator().manual_seed(3)
    return pipe("a turtle on a beach", negative_prompt="blurry", height=64, width=64, num_inference_steps=5, guidance_scale=7.5,
                generator=generator, output_type="latent", **more).images[0].contiguous()


def merged(change=lambda unet: None, parts=("unet", "text_encoder"), scale=1.0):
    """With the LoRA (rank 4) added to the weights, and what `change` does to the U-Net after that."""
    pipe = pipeline()
    for part in parts:
        model = getattr(pipe, part)
        for name, module in model.named_modules():
            key = f"{part}.{name}" if part == "unet" else f"text_encoder.text_model.{name.removeprefix('text_model.')}"
            down, up = (PEFT.get(f"{key}.lora_{x}.weight") for x in "AB")
            if down is None:
                continue
            delta = up.float().flatten(1) @ down.float().flatten(1)
            module.weight += scale * delta.reshape(module.weight.shape)
    change(pipe.unet)
    return pipe


def at(unet, path):
    return unet.get_submodule(path)


def bias(unet):
    at(unet, "down_blocks.0.attentions.0.proj_in").bias += 2.0


def diff(unet):
    unet.conv_in.weight += 0.5


def norm(unet):
    at(unet, "down_blocks.0.attentions.0.norm").weight += 1
    at(unet, "down_blocks.0.attentions.0.norm").bias += 1


def up_bias(unet):
    query = at(unet, QUERY)
    query.bias = torch.nn.Parameter(torch.ones(query.weight.shape[0]))


def dora(unet):
    """One module is a DoRA with magnitudes of 1 (peft: one per output)."""
    weight = at(unet, QUERY).weight
    weight /= weight.norm(dim=1, keepdim=True)


def shuffled():
    net = ControlNetModel.from_pretrained(f"{MODELS}/nano-controlnet")
    out = {}
    for name, pooled in (("control", False), ("shuffle", True)):
        net.register_to_config(global_pool_conditions=pooled)
        pipe = pipeline(kind=StableDiffusionControlNetPipeline, controlnet=net)
        hint = torch.linspace(0, 1, 64).repeat(1, 3, 64, 1)
        hint[:, 1] = 0.2
        out[name] = latents(pipe, image=hint.round(decimals=6).mul(255).round().div(255), controlnet_conditioning_scale=0.8)
    return out


def without_middle():
    pipe = pipeline()
    config = {**pipe.unet.config, "mid_block_type": None}
    unet = UNet2DConditionModel.from_config(config).eval()
    unet.load_state_dict({k: v for k, v in pipe.unet.state_dict().items() if not k.startswith("mid_block.")})
    pipe.unet = unet
    return pipe


RESULTS = {
    "plain": latents(pipeline()),
    "sd21": latents(pipeline("nano-sd21")),
    "lora": latents(merged()),
    "lora.unet": latents(merged(parts=("unet",))),
    "half": latents(merged(scale=0.5)),
    "dora": latents(merged(dora)),
    "bias": latents(merged(bias)),
    "diff": latents(merged(diff)),
    "norm": latents(merged(norm)),
    "upbias": latents(merged(up_bias)),
    "no-middle": latents(without_middle()),
    **shuffled(),
}
save_file(RESULTS, f"{HERE}/expected.safetensors")
for name, value in RESULTS.items():
    print(f"{name:10} {value.std():.3f}  from plain: {(value - RESULTS['plain']).abs().max():.3f}" if value.shape == RESULTS["plain"].shape else name)
