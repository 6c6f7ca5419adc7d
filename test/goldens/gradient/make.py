"""Makes the gradient goldens of this folder with PyTorch (CPU, float32): `python make.py`.

rules.safetensors   CASE/a, b, c: inputs; CASE/g: the result's gradient; CASE/y, da, db, dc: PyTorch's answers
unet.safetensors    a training step of nano-sd15: inputs, loss, gradients of context, sample, low-rank paths, kernels
text.safetensors    nano-sd15's text encoder: gradients of learned vectors
adamw.safetensors   eight steps of AdamW with clipping, warm-up and a cosine

Needs torch, diffusers, transformers, safetensors. The tests read the files; nothing else needs Python.
"""
import math
import os
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
MODEL = os.path.join(HERE, "../models/nano-sd15")


def attention(q, k, v, heads, mask=None):
    split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)
    return F.scaled_dot_product_attention(split(q), split(k), split(v), attn_mask=mask).transpose(1, 2).flatten(2)


image = (2, 3, 6, 5)
CASES = {
    "add": ([(2, 3, 4), (3, 1)], lambda a, b: a + b),
    "sub": ([(2, 3, 4), (4,)], lambda a, b: a - b),
    "mul": ([image, (3, 1, 1)], lambda a, b: a * b),
    "square": ([(2, 3)], lambda a: a * a),
    "where": ([(2, 3), (2, 3)], lambda a, b: torch.where(torch.tensor([False, True, True]), a, b)),
    "sum": ([image], lambda a: a.sum((1, 3))),
    "mean": ([image], lambda a: a.mean((1, 2, 3))),
    "reshape": ([image], lambda a: a.reshape(2, -1, 3)),
    "unsqueeze": ([(2, 3)], lambda a: a.unsqueeze(1)),
    "transpose": ([(2, 3, 4)], lambda a: a.permute(2, 0, 1)),
    "concat": ([(2, 3, 4), (2, 1, 4)], lambda a, b: torch.cat([a, b], 1)),
    "split": ([(2, 6)], lambda a: a[:, :3] * a[:, 3:]),
    "split, one part unused": ([(2, 6)], lambda a: a[:, 3:]),
    "slice": ([(2, 6)], lambda a: a[:, 1:4]),
    "pad": ([(2, 3)], lambda a: F.pad(a, (1, 0, 0, 2))),
    "gather": ([(4, 3)], lambda a: a[torch.tensor([[2, 0, 2]])]),
    "gather a number": ([(4,)], lambda a: a[2]),
    "resize": ([image], lambda a: F.interpolate(a, size=(12, 10))),
    "resize to odd sides": ([image], lambda a: F.interpolate(a, size=(11, 9))),
    "matmul": ([(2, 3, 4), (2, 4, 5)], lambda a, b: a @ b),
    "stack times matrix": ([(2, 3, 4), (4, 5)], lambda a, b: a @ b),
    "linear": ([(2, 3, 4), (5, 4)], lambda a, b: 0.5 * a @ b.T),
    "gemm": ([(3, 4), (5, 4), (5,)], lambda a, b, c: F.linear(a, b, c)),
    "conv 3": ([image, (4, 3, 3, 3), (4,)], lambda a, b, c: F.conv2d(a, b, c, padding=1)),
    "conv 3 stride 2": ([image, (4, 3, 3, 3), (4,)], lambda a, b, c: F.conv2d(a, b, c, padding=1, stride=2)),
    "conv 3 stride 2, odd sides": ([(2, 3, 7, 5), (4, 3, 3, 3), (4,)], lambda a, b, c: F.conv2d(a, b, c, padding=1, stride=2)),
    "conv 3 stride 2, one-sided": ([image, (4, 3, 3, 3), (4,)], lambda a, b, c: F.conv2d(F.pad(a, (0, 1, 0, 1)), b, c, stride=2)),
    "conv 1": ([image, (4, 3, 1, 1), (4,)], lambda a, b, c: F.conv2d(a, b, c)),
    "group norm": ([(2, 4, 30)], lambda a: F.group_norm(a, 4)),
    "layer norm": ([(2, 3, 8), (8,), (8,)], lambda a, b, c: F.layer_norm(a, (8,), b, c)),
    "silu": ([(4, 5)], F.silu),
    "quick gelu": ([(4, 5)], lambda a: a * torch.sigmoid(1.702 * a)),
    "gelu": ([(4, 5)], F.gelu),
    "softmax": ([(2, 3, 5)], lambda a: a.softmax(-1)),
    "attention": ([(2, 9, 8), (2, 7, 8), (2, 7, 8)], lambda a, b, c: attention(a, b, c, 2)),
    "attention, masked": ([(2, 5, 8)] * 3, lambda a, b, c: attention(a, b, c, 2, torch.full((5, 5), -1e30).triu(1))),
}


def rules():
    file, r = {}, torch.Generator().manual_seed(7)
    draw = lambda shape: torch.randn(shape, generator=r)
    for name, (shapes, f) in CASES.items():
        inputs = [draw(s).requires_grad_() for s in shapes]
        y = f(*inputs)
        g = draw(y.shape)
        y.backward(g)
        for k, x in zip("abc", inputs):
            file |= {f"{name}/{k}": x.detach(), f"{name}/d{k}": x.grad}
        file |= {f"{name}/g": g, f"{name}/y": y.detach()}
    save({k: v.float() for k, v in file.items()}, "rules")


def unet():
    """Two rows of 10x6 latents: sides that are no multiples of 8, and a batch."""
    from diffusers import UNet2DConditionModel
    net = UNet2DConditionModel.from_pretrained(MODEL, subfolder="unet").requires_grad_(False)
    r = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(shape, generator=r)
    sample, context, noise = draw(2, 4, 10, 6).requires_grad_(), draw(2, 77, 32).requires_grad_(), draw(2, 4, 10, 6)
    times, share = torch.tensor([500, 33]), torch.tensor([0.5, 0.25])
    file = dict(sample=sample, context=context, noise=noise, time=times.float(), share=share)
    low = {}
    for module, rank in (("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", 2), ("mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 2),
                         ("up_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj", 2), ("up_blocks.1.attentions.0.transformer_blocks.0.ff.net.2", 2),
                         ("down_blocks.1.resnets.0.conv1", 2), ("up_blocks.3.resnets.2.conv_shortcut", 2), ("down_blocks.2.downsamplers.0.conv", 2),
                         ("up_blocks.2.attentions.0.proj_out", 2)):
        layer = net.get_submodule(module)
        w, conv = layer.weight, isinstance(layer, torch.nn.Conv2d)
        down = (0.2 * draw(rank, *w.shape[1:])).requires_grad_()
        up = (0.2 * draw(w.shape[0], rank, *((1, 1) if conv else ()))).requires_grad_()
        low |= {f"low/{module}.down": down, f"low/{module}.up": up}
        if conv:
            change = lambda m, x, y, up=up, down=down: y + F.conv2d(F.conv2d(x[0], down, stride=m.stride, padding=m.padding), up)
        else:
            change = lambda m, x, y, up=up, down=down: y + x[0] @ down.T @ up.T
        layer.register_forward_hook(change)
    kernels = {}
    for name in ("conv_in", "down_blocks.0.downsamplers.0.conv", "up_blocks.1.resnets.1.conv1", "up_blocks.1.resnets.1.time_emb_proj", "up_blocks.1.resnets.1.conv_shortcut",
                 "up_blocks.1.attentions.1.transformer_blocks.0.attn2.to_v", "up_blocks.1.attentions.1.proj_in"):
        for part in ("weight", "bias"):
            if getattr(net.get_submodule(name), part, None) is not None:
                kernels[f"weights/{name}.{part}"] = getattr(net.get_submodule(name), part).requires_grad_()
    prediction = net(sample, times, context).sample
    losses = ((prediction - noise) ** 2).mean((1, 2, 3))
    (losses * share).sum().backward()
    file |= low | dict(prediction=prediction, losses=losses)
    for name, x in (dict(sample=sample, context=context) | low | kernels).items():
        file[f"d/{name}"] = x.grad
    save(file, "unet")


def text():
    from transformers import CLIPTextModel
    net = CLIPTextModel.from_pretrained(MODEL, subfolder="text_encoder").requires_grad_(False)
    r = torch.Generator().manual_seed(2)
    size, width = net.config.vocab_size, net.config.hidden_size
    learned = torch.randn(3, width, generator=r).requires_grad_()
    ids = torch.randint(3, size - 3, (2, 77), generator=r)
    ids[0, 4:6], ids[1, 9], ids[1, 70] = torch.tensor([size, size + 1]), size + 1, size + 2
    table = net.get_input_embeddings()
    table.register_forward_hook(lambda *_: torch.cat([table.weight, learned])[ids])
    states = net(ids.clamp(max=size - 1)).last_hidden_state
    g = torch.randn(states.shape, generator=r)
    states.backward(g)
    save({"ids": ids.float(), "learned": learned, "g": g, "states": states, "d/learned": learned.grad}, "text")


def adamw():
    r = torch.Generator().manual_seed(3)
    x, rate, steps, warmup = torch.randn(2, 5, generator=r).requires_grad_(), 0.05, 8, 3
    file, opt = {"start": x.detach().clone()}, torch.optim.AdamW([x], lr=rate, weight_decay=0.01)
    for n in range(steps):
        g = torch.randn(x.shape, generator=r)
        file[f"{n}/g"] = g
        x.grad = g.clone()
        torch.nn.utils.clip_grad_norm_([x], 1.0)
        opt.param_groups[0]["lr"] = rate * min(1, (n + 1) / warmup) * (0.02 + 0.49 * (1 + math.cos(math.pi * n / steps)))
        opt.step()
        file[f"{n}/x"] = x.detach().clone()
    save(file, "adamw")


def save(tensors, name):
    save_file({k: v.detach().clone().contiguous() for k, v in tensors.items()}, os.path.join(HERE, f"{name}.safetensors"))


if __name__ == "__main__":
    for make in (rules, unet, text, adamw):
        make()
