"""Train the AutoencoderKL (factor 8, 4 latent channels) on the cached pictures.

    python vae.py DATA RUN --minutes 180                    resumes from RUN/vae.pt
    python vae.py DATA RUN --minutes 60 --decoder-only      freezes the averaged encoder of RUN/vae.pt; resumes from RUN/decoder.pt, unless RUN/vae.pt is newer
    python vae.py DATA RUN --adopt ../models/sketch/vae     makes RUN/vae.pt of shipped weights
    python vae.py DATA RUN --encode                         writes DATA/latents.npy and RUN/vae/
    python vae.py DATA RUN --pack                           writes RUN/vae/ again (after more decoder training)

The U-Net depends on the encoder alone, so the decoder may continue learning at any time.
"""
import argparse
import csv
import math
import os
import time
import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
import optim
from ema import Ema
from files import over, refuse, stale, whole

CHANNELS = [32, 64, 96, 128]


def build(scaling=0.18215):
    m = AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
        block_out_channels=CHANNELS, layers_per_block=1, latent_channels=4, norm_num_groups=16, sample_size=128, scaling_factor=scaling)
    torch.nn.init.constant_(m.quant_conv.bias.data[4:], -6.0)     # start nearly noise-free
    torch.nn.init.zeros_(m.quant_conv.weight.data[4:])
    return m


def to_x(pictures, device):
    """uint8 [n, h, w, 3] -> float [n, 3, h, w] in [-1, 1]"""
    return torch.from_numpy(np.array(pictures)).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def grads(x):
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


def recon_loss(y, x, sharp=0.0):
    """L1 plus L1 of the gradients at three scales, which keeps outlines and eyes crisp; sharp > 0 weighs busy places more."""
    l1, g = (y - x).abs(), 0.0
    if sharp:
        busy = F.avg_pool2d((x - F.avg_pool2d(x, 9, 1, 4, count_include_pad=False)).abs().mean(1, keepdim=True), 5, 1, 2)
        l1 = l1 * (1 + sharp * busy)
    l1 = l1.mean()
    for k in range(3):
        for a, b in zip(grads(y), grads(x)):
            g = g + (a - b).abs().mean() / (k + 1)
        y, x = F.avg_pool2d(y, 2), F.avg_pool2d(x, 2)
    return l1 + 0.5 * g, l1


def crops(data, rng, step, batch):
    """Three steps of four see 64x64 crops; the fourth whole pictures, so that the middle attention meets 16x16 latents."""
    if step % 4 == 3:
        return data[np.sort(rng.choice(len(data), batch // 4, replace=False))]
    i, u, v = rng.integers(0, len(data), batch), rng.integers(0, 65, batch), rng.integers(0, 65, batch)
    return np.stack([data[k, p:p + 64, q:q + 64] for k, p, q in zip(i, u, v)])


def train(a):
    torch.manual_seed(a.seed)
    rng, dev = np.random.default_rng(a.seed + int(time.time())), a.device
    data = np.load(f"{a.data}/images.npy", mmap_mode="r")[:-1000]          # the last 1,000 are held out
    name = "decoder" if a.decoder_only else "vae"
    path, sources = f"{a.run}/{name}.pt", [f"{a.run}/vae.pt"] if a.decoder_only else []
    if a.init_from:
        refuse("--init-from", path)
    if a.decoder_only:
        m = load(a.run, "vae").to(dev).train()
        m.encoder.requires_grad_(False)
        m.quant_conv.requires_grad_(False)
    else:
        m = build().to(dev)
        if a.init_from:
            m.load_state_dict(AutoencoderKL.from_pretrained(a.init_from, torch_dtype=torch.float32).state_dict())
    named = [(n, p) for n, p in m.named_parameters() if p.requires_grad]
    params = [p for _, p in named]
    opts, ema, step, spent = optim.make(named, a.lr), Ema(params, 0.999), 0, 0.0
    if not stale(path, *sources):
        c = torch.load(path, map_location=dev, weights_only=True)
        m.load_state_dict(c["model"])
        for o, s in zip(opts, c["opt"]):                    # (none after --adopt: a new optimiser)
            o.load_state_dict(s)
        ema.values, ema.steps, step, spent = c["ema"], c["step"], c["step"], c["spent"]
        if over(path, *((step, a.steps) if a.steps else (spent, a.minutes * 60))):
            return
    t0 = saved = time.time()
    log, rows = [], csv.writer(open(f"{a.run}/{name}.csv", "a"))
    while True:
        elapsed = spent + time.time() - t0
        progress = min(1.0, step / a.steps if a.steps else elapsed / (a.minutes * 60))
        if (step % 50 == 0 or progress >= 1) and log:
            rec, l1, kl = np.mean(log, 0)
            print(f"step {step} {elapsed:.0f}s rec {rec:.4f} l1 {l1:.4f} kl {kl:.3f}", flush=True)
            rows.writerow([step, round(elapsed), *(round(float(v), 4) for v in (rec, l1, kl))])
            log = []
        if time.time() - saved > 150 or progress >= 1:
            with whole(path) as part:
                torch.save(dict(model=m.state_dict(), opt=[o.state_dict() for o in opts], ema=ema.values, step=step, spent=elapsed), part)
            saved = time.time()
        if progress >= 1:
            break
        for g in (g for o in opts for g in o.param_groups):
            g["lr"] = a.lr * min(1, (step + 1) / 60) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * progress)))
        x = to_x(crops(data, rng, step, a.batch), dev)
        with torch.autocast(dev, torch.bfloat16):
            d = m.encode(x).latent_dist
            y = m.decode(d.sample()).sample
        kl = 0.5 * (d.mean.float() ** 2 + d.var.float() - 1 - d.logvar.float()).mean()
        rec, l1 = recon_loss(y.float(), x, a.sharp)
        (rec + (0 if a.decoder_only else a.kl) * kl).backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        for o in opts:
            o.step()
            o.zero_grad()
        ema.update()
        step += 1
        log.append((rec.item(), l1.item(), kl.item()))
    measure(a)


def adopt(a):
    for name in ("vae", "decoder"):
        refuse("--adopt", f"{a.run}/{name}.pt")
    m = AutoencoderKL.from_pretrained(a.adopt, torch_dtype=torch.float32)
    with whole(f"{a.run}/vae.pt") as part:
        torch.save(dict(model=m.state_dict(), opt=[], ema=[p.detach() for p in m.parameters()], step=0, spent=0.0), part)


def load(run, name=None):
    """Averaged weights of RUN/decoder.pt where there is one of this encoder, else of RUN/vae.pt."""
    name = name or ("vae" if stale(f"{run}/decoder.pt", f"{run}/vae.pt") else "decoder")
    m, c = build(), torch.load(f"{run}/{name}.pt", map_location="cpu", weights_only=True)
    m.load_state_dict(c["model"])
    params = list(m.parameters()) if name == "vae" else [p for n, p in m.named_parameters() if not n.startswith(("encoder.", "quant_conv."))]
    ema = Ema(params, 0)
    ema.values = c["ema"]
    ema.swap()
    return m.eval()


@torch.no_grad()
def encode(a):
    """Mean latents of every picture; the scaling factor makes their standard deviation 1 (as in SD)."""
    m, data = load(a.run).to(a.device, torch.bfloat16, memory_format=torch.channels_last), np.load(f"{a.data}/images.npy", mmap_mode="r")
    part, parts = map(int, a.part.split("/"))
    ends = [len(data) * k // parts for k in range(parts + 1)]
    out = np.empty((ends[part] - ends[part - 1], 4, 16, 16), np.float32)
    for i in range(0, len(out), a.batch):
        x = to_x(data[ends[part - 1]:ends[part]][i:i + a.batch], a.device).to(torch.bfloat16, memory_format=torch.channels_last)
        out[i:i + a.batch] = m.encode(x).latent_dist.mean.float().cpu().numpy()
        if i % 2000 < a.batch:
            print("encoded", i, flush=True)
    if parts > 1:
        save(f"{a.data}/latents.{part}.npy", out)
        pieces = [f"{a.data}/latents.{k + 1}.npy" for k in range(parts)]
        if any(stale(piece, f"{a.run}/vae.pt") for piece in pieces):
            return
        out = np.concatenate([np.load(piece) for piece in pieces])
    scale = float(1 / out.std())
    with whole(f"{a.run}/scaling_factor") as rest, open(rest, "w") as f:
        f.write(str(scale))
    save(f"{a.data}/latents.npy", (out * scale).astype(np.float16))      # last: who finds latents finds their scale
    print("scaling_factor", scale, "channel means", (out * scale).mean((0, 2, 3)), "std", (out * scale).std((0, 2, 3)))
    pack(a)


def save(path, array):
    with whole(path) as part, open(part, "wb") as f:
        np.save(f, array)


def pack(a):
    m = load(a.run)
    m.register_to_config(scaling_factor=float(open(f"{a.run}/scaling_factor").read()))
    m.save_pretrained(f"{a.run}/vae")


@torch.no_grad()
def measure(a):
    """PSNR over 200 held-out pictures (mean of each picture's) and a sheet of pictures above their reconstructions."""
    from world import sheet
    m, data = load(a.run).to(a.device), np.load(f"{a.data}/images.npy", mmap_mode="r")[-1000::5]
    x = to_x(data, a.device)
    y = torch.cat([m.decode(m.encode(c).latent_dist.mean).sample.clamp(-1, 1) for c in x.split(20)])
    print("PSNR", round((-10 * (((y - x) ** 2).mean((1, 2, 3)) / 4).log10()).mean().item(), 2), flush=True)
    im = lambda t: ((t.permute(0, 2, 3, 1).cpu().numpy() + 1) * 127.5).round().astype(np.uint8)
    sheet([z for k in range(0, 32, 8) for z in (*im(x)[k:k + 8], *im(y)[k:k + 8])], f"{a.run}/vae_recon.png", 8)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("run")
    p.add_argument("--init-from", help="a folder of AutoencoderKL weights to begin with")
    p.add_argument("--adopt", metavar="FOLDER")
    p.add_argument("--minutes", type=float, default=180)
    p.add_argument("--steps", type=int, default=0, help="instead of minutes")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--kl", type=float, default=5e-4)
    p.add_argument("--sharp", type=float, default=0.0)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--part", default="1/1", help="encode only the k-th of n parts (k/n); the last to finish joins them")
    p.add_argument("--decoder-only", action="store_true")
    p.add_argument("--encode", action="store_true")
    p.add_argument("--pack", action="store_true")
    p.add_argument("--measure", action="store_true")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    os.makedirs(a.run, exist_ok=True)
    torch.set_num_threads(a.threads)
    (adopt if a.adopt else encode if a.encode else pack if a.pack else measure if a.measure else train)(a)
