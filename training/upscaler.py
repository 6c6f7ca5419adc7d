"""Train `sketch-up`: a Compact network (SRVGG, Real-ESRGAN's keys) that enlarges pictures of the drawn world four times.

    python upscaler.py cache DATA --pictures 480 --vae ../models/sketch/vae     pairs of pictures: 512x512, 128x128, 128x128 through the VAE
    python upscaler.py train DATA RUN --minutes 14                              resumes from RUN/upscaler.pt
    python upscaler.py score DATA RUN                                           PSNR of held-out pictures, beside bicubic enlargement
    python upscaler.py export RUN ../models/sketch-up.safetensors

The world is drawn at 512x512 for the targets. Half of the inputs are those pictures reduced, half are what the model's VAE makes of
them with a little noise on the latents: what a generated picture looks like.
"""
import argparse
import csv
import math
import os
import time
from multiprocessing import Pool
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
import draw
import optim
from ema import Ema
from files import over, stale, whole

SCALE, FEATURES, CONVOLUTIONS, HELD_OUT = 4, 32, 12, 40
FIRST_SEED = 5_000_000                      # none of the pictures that the model was trained on


class Compact(torch.nn.Module):
    """SRVGGNetCompact: convolutions with PReLU, a pixel shuffle, added to the input enlarged by nearest neighbour."""

    def __init__(self, features=FEATURES, convolutions=CONVOLUTIONS, scale=SCALE):
        super().__init__()
        self.scale = scale
        body = [torch.nn.Conv2d(3, features, 3, 1, 1), torch.nn.PReLU(features)]
        for _ in range(convolutions):
            body += [torch.nn.Conv2d(features, features, 3, 1, 1), torch.nn.PReLU(features)]
        self.body = torch.nn.ModuleList([*body, torch.nn.Conv2d(features, 3 * scale * scale, 3, 1, 1)])

    def forward(self, x):
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, self.scale) + F.interpolate(x, scale_factor=self.scale, mode="nearest")


def _pair(seed):
    draw.SIZE, draw.SS, draw.S = 512, 8, 1024          # the same world, four times as large
    import world
    large = world.render(world.sample(seed))
    return np.asarray(large), np.asarray(large.resize((128, 128), Image.LANCZOS))


@torch.no_grad()
def cache(a):
    from diffusers import AutoencoderKL
    from vae import to_x
    os.makedirs(a.data, exist_ok=True)
    with Pool(a.processes) as pool:
        large, small = (np.stack(x) for x in zip(*pool.imap(_pair, range(FIRST_SEED, FIRST_SEED + a.pictures), 4)))
    vae, made = AutoencoderKL.from_pretrained(a.vae, torch_dtype=torch.float32).eval(), []
    torch.manual_seed(0)
    for i in range(0, len(small), 4):
        z = vae.encode(to_x(small[i:i + 4], "cpu")).latent_dist.sample()
        y = vae.decode(z + z.std() * 0.06 * torch.randn_like(z)).sample
        made.append(((y.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy())
    for name, x in (("large", large), ("small", small), ("made", np.concatenate(made))):
        with whole(f"{a.data}/{name}.npy") as part, open(part, "wb") as f:
            np.save(f, x)


def unit(pictures):
    """uint8 [n, h, w, 3] -> float [n, 3, h, w] in [0, 1]"""
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float() / 255


def crops(large, inputs, rng, batch, side):
    xs, ys = [], []
    for _ in range(batch):
        k, u, v = rng.integers(len(large)), rng.integers(129 - side), rng.integers(129 - side)
        x = inputs[rng.integers(len(inputs))][k, u:u + side, v:v + side]
        y = large[k, SCALE * u:SCALE * (u + side), SCALE * v:SCALE * (v + side)]
        if rng.random() < .5:
            x, y = x[:, ::-1], y[:, ::-1]
        turns = rng.integers(4)
        xs.append(np.rot90(x, turns))
        ys.append(np.rot90(y, turns))
    return unit(np.stack(xs)), unit(np.stack(ys))


def loss_of(y, x):
    """L1, and L1 of the gradients, which keeps outlines crisp."""
    slopes = sum((a - b).abs().mean() for a, b in ((y.diff(dim=-1), x.diff(dim=-1)), (y.diff(dim=-2), x.diff(dim=-2))))
    return (y - x).abs().mean() + 0.5 * slopes


def open_data(a):
    return [np.load(f"{a.data}/{name}.npy", mmap_mode="r") for name in ("large", "small", "made")]


def train(a):
    os.makedirs(a.run, exist_ok=True)
    large, small, made = (x[:-HELD_OUT] for x in open_data(a))
    m, path, rng = Compact(), f"{a.run}/upscaler.pt", np.random.default_rng()
    for name, p in m.named_parameters():
        if p.ndim == 1 and p.shape[0] == FEATURES and name.endswith("weight"):
            p.data.fill_(0.1)
    torch.nn.init.zeros_(m.body[-1].weight)
    torch.nn.init.zeros_(m.body[-1].bias)
    opts, ema, step, spent = optim.make(m.named_parameters(), a.lr), Ema(m.parameters(), 0.999), 0, 0.0
    if not stale(path):
        c = torch.load(path, weights_only=True)
        m.load_state_dict(c["model"])
        for o, s in zip(opts, c["opt"]):
            o.load_state_dict(s)
        ema.values, ema.steps, step, spent = c["ema"], c["step"], c["step"], c["spent"]
        if over(path, spent, a.minutes * 60):
            return
    begun = saved = time.time()
    log, rows = [], csv.writer(open(f"{a.run}/upscaler.csv", "a", buffering=1))
    while True:
        elapsed = spent + time.time() - begun
        progress = min(1.0, elapsed / (a.minutes * 60))
        if (step % 100 == 0 or progress >= 1) and log:
            print(f"step {step} {elapsed:.0f}s loss {np.mean(log):.5f}", flush=True)
            rows.writerow([step, round(elapsed), round(float(np.mean(log)), 5)])
            log = []
        if time.time() - saved > 60 or progress >= 1:
            with whole(path) as part:
                torch.save(dict(model=m.state_dict(), opt=[o.state_dict() for o in opts], ema=ema.values, step=step, spent=elapsed), part)
            saved = time.time()
        if progress >= 1:
            return
        for g in (g for o in opts for g in o.param_groups):
            g["lr"] = a.lr * min(1, (step + 1) / 60) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        x, y = crops(large, (small, made), rng, a.batch, a.side)
        loss = loss_of(m(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        for o in opts:
            o.step()
            o.zero_grad()
        ema.update()
        step += 1
        log.append(loss.item())


def load(run):
    """The averaged weights."""
    m, c = Compact(), torch.load(f"{run}/upscaler.pt", weights_only=True)
    for p, v in zip(m.parameters(), c["ema"]):
        p.data.copy_(v)
    return m.eval()


@torch.no_grad()
def score(a):
    large, *inputs = (x[-HELD_OUT:] for x in open_data(a))
    m, y = load(a.run), unit(large)
    psnr = lambda z: float((-10 * torch.log10(((z.clamp(0, 1) - y) ** 2).mean((1, 2, 3)))).mean())
    for name, x in zip(("reduced", "through the VAE"), inputs):
        x = unit(x)
        print(f"{name}: bicubic {psnr(F.interpolate(x, scale_factor=4, mode='bicubic')):.2f} dB, sketch-up {psnr(m(x)):.2f} dB")


def export(a):
    from safetensors.torch import save_file
    with whole(a.out) as part:
        save_file({k: v.half().contiguous() for k, v in load(a.run).state_dict().items()}, part, {"about": "builtin:sketch-up, MIT licence"})
    print(f"{os.path.getsize(a.out) / 1e6:.2f} MB")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(required=True)
    def command(run, *names):
        c = sub.add_parser(run.__name__)
        for n in names:
            c.add_argument(n)
        c.add_argument("--threads", type=int, default=1)
        c.set_defaults(go=run)
        return c
    c = command(cache, "data")
    c.add_argument("--pictures", type=int, default=480)
    c.add_argument("--vae", default="../models/sketch/vae")
    c.add_argument("--processes", type=int, default=os.cpu_count())
    c = command(train, "data", "run")
    for name, kind, default in (("--minutes", float, 14), ("--lr", float, 1e-3), ("--batch", int, 8), ("--side", int, 32)):
        c.add_argument(name, type=kind, default=default)
    command(score, "data", "run")
    command(export, "run", "out")
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    a.go(a)
