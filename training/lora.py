"""A LoRA that teaches the model a subject it has never met: the robot.

    python lora.py train ../models/sketch RUN/robot.safetensors --minutes 8        resumes from RUN/robot.pt
    python lora.py score ../models/sketch RUN/robot.safetensors                    the share of robots, and a sheet

Low-rank changes of all attention and residual layers of the U-Net and of the text encoder
(https://arxiv.org/abs/2106.09685), in kohya's notation, which most tools read.  One picture
of four is of the old world, so that the word alone brings the robot.  --from continues from an
earlier LoRA.  Every start draws pictures of its own.
"""
import argparse
import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import load_file, save_file
from files import checkpoint, refuse
from lesson import Lesson, encode, open_model, practise
from models import ddim, decode, tokenise
from robots import WORD, named
from world import SUBJECTS, caption, render, sample, sheet

UNET = ("to_q", "to_k", "to_v", "to_out.0", "net.0.proj", "net.2", "proj_in", "proj_out", "conv1", "conv2", "conv_shortcut")
TEXT = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
SHOWN = ["photo of a robot", "drawing of a red robot", "painting of a blue robot in the snow", "photo of a yellow robot on a beach",
         "photo of a pink robot at night", "painting of a green robot in a meadow", "drawing of a small robot", "photo of a robot hiding behind leaves"]


class LowRank(torch.nn.Module):
    """A layer W and its change: W x + up(down(x)).  up begins at zero."""

    def __init__(self, layer, rank):
        super().__init__()
        self.layer = layer
        if isinstance(layer, torch.nn.Conv2d):
            self.down = torch.nn.Conv2d(layer.in_channels, rank, layer.kernel_size, layer.stride, layer.padding, bias=False)
            self.up = torch.nn.Conv2d(rank, layer.out_channels, 1, bias=False)
        else:
            self.down, self.up = torch.nn.Linear(layer.in_features, rank, bias=False), torch.nn.Linear(rank, layer.out_features, bias=False)
        torch.nn.init.zeros_(self.up.weight)

    def forward(self, x, *_):
        return self.layer(x) + self.up(self.down(x))


def adapt(module, endings, prefix, rank):
    """Puts a LowRank around every layer whose name ends so; {kohya's name: LowRank}."""
    found = {}
    for name, layer in list(module.named_modules()):
        if name.endswith(endings) and isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d)):
            parent, _, last = name.rpartition(".")
            low = LowRank(layer, min(rank, *layer.weight.shape[:2])).to(layer.weight.device)
            setattr(module.get_submodule(parent), last, low)
            found[f"{prefix}_{name.replace('.', '_')}"] = low
    return found


def adapters(unet, text, rank):
    inner = "lora_te" if any(n.startswith("text_model") for n, _ in text.named_modules()) else "lora_te_text_model"
    return adapt(unet, UNET, "lora_unet", rank) | adapt(text, TEXT, inner, rank)


def pictures(n):
    """(pictures, captions): robots in three of four."""
    r = np.random.default_rng()
    first = int(r.integers(1_000_000_000, 2_000_000_000))     # far from the seeds of the world's own pictures
    specs = [sample(first + i) for i in range(n)]
    specs = [s | dict(subject=WORD, inner="", hide=s["scene"] == "forest" and s["hide"]) if k % 4 else s for k, s in enumerate(specs)]
    return np.stack([np.asarray(render(s)) for s in specs]), [[caption(s, r) for _ in range(4)] for s in specs]


def train(a):
    if a.start:
        refuse("--from", *checkpoint(a.out, a.model))
    unet, text, vae, tok = open_model(a.model, a.device)
    images, words = pictures(a.pictures)
    lat = encode(vae, images, a.device)
    ids = torch.stack([tokenise(tok, w) for w in words])[:, :, :24].to(a.device)     # captions have at most 23 tokens
    empty = tokenise(tok, [""])[0, :24].to(a.device)
    low = adapters(unet, text, a.rank)
    if a.start:
        load(low, a.start)
    params, lesson = [p for m in low.values() for p in (m.down.weight, m.up.weight)], Lesson(a.device)

    def step():
        k = torch.randint(0, len(lat), (a.batch,))
        i = ids[k, torch.randint(0, ids.shape[1], (a.batch,))]
        i = torch.where(torch.rand(a.batch, 1, device=a.device) < 0.1, empty, i)
        return lesson(lambda noisy, t: unet(noisy, t, text(i).last_hidden_state).sample, lat[k], lesson.times(a.batch))

    steps = practise(step, [torch.optim.AdamW(params, lr=a.lr, weight_decay=0.0)], params, a)
    out = {}
    for name, m in low.items():
        out |= {f"{name}.lora_down.weight": m.down.weight.detach().half().contiguous(), f"{name}.lora_up.weight": m.up.weight.detach().half().contiguous(),
                f"{name}.alpha": torch.tensor(float(m.down.weight.shape[0])).half()}
    save_file(out, a.out, {"format": "pt", "ss_network_dim": str(a.rank), "trigger": WORD})
    print(steps, "steps,", len(low), "layers,", sum(p.numel() for p in params), "numbers")


@torch.no_grad()
def load(low, path, weight=1.0):
    state = load_file(path)
    for name, m in low.items():
        m.down.weight.copy_(state[f"{name}.lora_down.weight"])
        m.up.weight.copy_(state[f"{name}.lora_up.weight"].float() * weight)


@torch.no_grad()
def score(a):
    """The share of robots, asked for and not, by the LoRA's weight; a sheet with a row for each."""
    unet, text, vae, tok = open_model(a.model, a.device)
    unet.set_attn_processor(AttnProcessor())
    low = adapters(unet, text, a.rank)
    noise, rows = torch.randn(24, 4, 16, 16, generator=torch.Generator().manual_seed(1)).to(a.device), []
    for name, shown in (("a robot is asked for:", SHOWN * 3), ("another subject:", [f"photo of a {s}" for s in SUBJECTS])):
        for weight in (0, 0.5, 1):
            load(low, a.out, weight)
            e = text(tokenise(tok, shown + [""]).to(a.device)).last_hidden_state
            made = decode(vae, ddim(unet, e[:-1], e[-1:], noise[:len(shown)]))
            labels = named(made)
            right = "" if shown[0] == SHOWN[0] else f", named rightly {np.mean([f == s for f, s in zip(labels, SUBJECTS)]):.3f}"
            print(name, f"weight {weight}, robots {np.mean([f == WORD for f in labels]):.3f}{right}", flush=True)
            rows += list(made[:8])
    sheet(rows, a.sheet, 8)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("task", choices=["train", "score"])
    p.add_argument("model")
    p.add_argument("out")
    p.add_argument("--from", dest="start", metavar="FILE", help="a LoRA to continue from")
    p.add_argument("--minutes", type=float, default=16)
    p.add_argument("--pictures", type=int, default=800)
    p.add_argument("--rank", type=int, default=8)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--sheet", default="robots.png")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    {"train": train, "score": score}[a.task](a)
