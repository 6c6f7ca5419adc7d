"""A small ControlNet that makes pictures follow edges, trained beside the frozen model.

    python controlnet.py train DATA ../models/sketch RUN/edges --minutes 20        resumes from RUN/edges.pt
    python controlnet.py score DATA ../models/sketch RUN/edges

It is the first half of the U-Net without attention (edges are a local affair): half of the
weights, and faster.  It begins as a copy of the U-Net's residual layers.  The hint is what
the language calls `edges of`: Canny's edges, white on black.  --from continues from an earlier one.
"""
import argparse
import json
import os
import cv2
import numpy as np
import torch
import optim
from diffusers import ControlNetModel
from diffusers.models.attention_processor import AttnProcessor
from files import checkpoint, refuse
from lesson import Lesson, open_model, practise
from models import ddim, decode, tokenise
from text import captions
from world import caption, sheet

HINT_WIDTHS = (8, 16, 32, 64)


def build(unet):
    c = unet.config
    net = ControlNetModel(
        in_channels=4, down_block_types=["DownBlock2D"] * 4, mid_block_type="UNetMidBlock2D", block_out_channels=c.block_out_channels,
        layers_per_block=c.layers_per_block, norm_num_groups=c.norm_num_groups, cross_attention_dim=c.cross_attention_dim,
        attention_head_dim=c.attention_head_dim, conditioning_embedding_out_channels=HINT_WIDTHS)
    own = net.state_dict()
    net.load_state_dict({k: v for k, v in unet.state_dict().items() if k in own}, strict=False)
    return net


def edges(picture, low=100, high=200):
    return cv2.Canny(np.ascontiguousarray(picture), low, high)


def hints(pictures, low_high, device):
    """uint8 [n, h, w, 3] -> [n, 3, h, w] of 0 and 1"""
    e = np.stack([edges(p, *low_high()) for p in pictures])
    return torch.from_numpy(e).to(device)[:, None].expand(-1, 3, -1, -1).float() / 255


def train(a):
    if a.start:
        refuse("--from", *checkpoint(a.out, a.model))
    unet, text, _, tok = open_model(a.model, a.device)
    net = (ControlNetModel.from_pretrained(a.start, torch_dtype=torch.float32) if a.start else build(unet)).to(a.device)
    images = np.load(f"{a.data}/images.npy", mmap_mode="r")
    lat = torch.from_numpy(np.load(f"{a.data}/latents.npy"))[:-1000].to(a.device)
    ids, rng = captions(a.data, tok)[:len(lat)], np.random.default_rng()
    empty, lesson, named = tokenise(tok, [""])[0], Lesson(a.device), list(net.named_parameters())

    def low_high():
        low = rng.uniform(50, 150)
        return low, low * rng.uniform(1.3, 2.5)

    def step():
        k = np.sort(rng.choice(len(lat), a.batch, replace=False))
        i = ids[k, torch.randint(0, ids.shape[1], (a.batch,))].long()
        i = torch.where(torch.rand(a.batch, 1) < 0.3, empty, i)[:, :24].to(a.device)      # captions have at most 23 tokens
        hint = hints(images[k], low_high, a.device)

        def predict(noisy, t):
            with torch.no_grad():
                ctx = text(i).last_hidden_state
            down, mid = net(noisy, t, ctx, hint, return_dict=False)
            return unet(noisy, t, ctx, down_block_additional_residuals=down, mid_block_additional_residual=mid).sample

        # The layout is decided while there is much noise: two of three timesteps are in the upper half.
        t = lesson.times(a.batch)
        return lesson(predict, lat[torch.from_numpy(k)].float(), torch.where(torch.rand(a.batch, device=a.device) < 0.33, 500 + t // 2, t))

    steps = practise(step, optim.make(named, a.lr), [p for _, p in named], a)
    net.half().save_pretrained(a.out)
    config = f"{a.out}/config.json"
    kept = {k: v for k, v in json.load(open(config)).items() if k != "_name_or_path"}
    with open(config, "w") as f:
        json.dump(kept, f, indent=2)
        f.write("\n")
    print(steps, "steps,", os.path.getsize(f"{a.out}/diffusion_pytorch_model.safetensors"), "bytes")


class Controlled:
    """A U-Net with its ControlNet, called as the U-Net alone."""

    def __init__(self, unet, net, hint, weight):
        self.unet, self.net, self.hint, self.weight = unet, net, torch.cat([hint, hint]), weight

    def __call__(self, x, t, ctx):
        down, mid = self.net(x, t, ctx, self.hint, conditioning_scale=self.weight, return_dict=False)
        return self.unet(x, t, ctx, down_block_additional_residuals=down, mid_block_additional_residual=mid)


def agreement(made, wanted):
    """Share of the wanted edges that the picture has, give or take a pixel, and of its edges that were wanted: their harmonic mean."""
    a, b, grow = edges(made, 60, 120) > 0, wanted > 0, np.ones((3, 3), np.uint8)
    wide = lambda e: cv2.dilate(e.astype(np.uint8), grow) > 0
    recall, precision = (wide(a) & b).sum() / max(1, b.sum()), (wide(b) & a).sum() / max(1, a.sum())
    return 2 * recall * precision / max(1e-9, recall + precision)


@torch.no_grad()
def score(a):
    unet, text, vae, tok = open_model(a.model, a.device)
    unet.set_attn_processor(AttnProcessor())
    net = ControlNetModel.from_pretrained(a.out, torch_dtype=torch.float32).to(a.device).eval()
    images, specs, r = np.load(f"{a.data}/images.npy", mmap_mode="r")[-a.pictures:], json.load(open(f"{a.data}/specs.json"))[-a.pictures:], np.random.default_rng(5)
    e = text(tokenise(tok, [caption(s, r) for s in specs] + [""]).to(a.device)).last_hidden_state
    hint = hints(images, lambda: (100, 200), a.device)
    noise = torch.randn(len(images), 4, 16, 16, generator=torch.Generator().manual_seed(0)).to(a.device)
    rows = [list(images), [np.repeat(edges(p)[..., None], 3, 2) for p in images]]
    for weight in (0.0, 0.5, 1.0):
        rows.append(list(decode(vae, ddim(Controlled(unet, net, hint, weight), e[:-1], e[-1:], noise))))
        print("weight", weight, "edges in common", round(float(np.mean([agreement(p, w[..., 0]) for p, w in zip(rows[-1], rows[1])])), 3), flush=True)
    sheet([row[i] for k in range(0, 16, 8) for row in rows for i in range(k, min(k + 8, len(row)))], a.sheet, 8)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("task", choices=["train", "score"])
    p.add_argument("data")
    p.add_argument("model")
    p.add_argument("out")
    p.add_argument("--from", dest="start", metavar="FOLDER", help="a ControlNet to continue from")
    p.add_argument("--minutes", type=float, default=20)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--pictures", type=int, default=32, help="held-out pictures to score")
    p.add_argument("--sheet", default="edges.png")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    {"train": train, "score": score}[a.task](a)
