"""Train the U-Net and the text encoder together on cached latents (epsilon prediction).

    python train.py DATA RUN --minutes 75                        resumes from RUN/ldm.pt
    python train.py DATA RUN --minutes 75 --init-from ../models/sketch
    python train.py DATA RUN --steps 60000 --batch 512 --device cuda
    python train.py DATA RUN --widths 64 128 224 256             a wider U-Net than the shipped one

The learning rate follows a cosine over all the minutes (or steps), so a longer run
just asks for more.  --init-from starts from shipped weights (fp16 is fine) with a new
optimiser; their text encoder and tokenizer come along, and the latents must be those of
their VAE (vae.py --adopt, then --encode).  The last 1,000 pictures are held out.
"""
import argparse
import math
import os
import shutil
import sys
import time
import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer
import optim
from ema import Ema
from files import over, refuse, stale, whole
from lesson import Lesson, cpu_attention
from models import build_unet, ddim, decode, tokenise
from text import FACTORS, captions, factor_loss, labels
from world import sheet

PROMPTS = ["photo of a turtle", "photo of a giraffe", "photo of a frog", "drawing of an animal",
           "impressionist painting of a small deer hiding inside vegetation", "photo of a giraffe that looks like a frog",
           "a picture frame on a wall", "a picture frame with a cat on a bookshelf", "a photo of a red car in the desert",
           "drawing of a big blue fish", "painting of a white rabbit in the snow", "photo of a purple elephant at sunset",
           "painting of a house at night", "drawing of a yellow duck", "photo of a pink snail on the grass", "photo of an orange cat on a beach"]


def build(a, widths):
    """(unet, text, tokenizer) before the first step."""
    if a.init_from:
        unet = UNet2DConditionModel.from_pretrained(a.init_from, subfolder="unet", torch_dtype=torch.float32)
        text = CLIPTextModel.from_pretrained(a.init_from, subfolder="text_encoder", torch_dtype=torch.float32)
        text.save_pretrained(f"{a.run}/text")
        shutil.copytree(f"{a.init_from}/tokenizer", f"{a.run}/tokenizer", dirs_exist_ok=True)
    else:
        unet, text = build_unet(widths), CLIPTextModel.from_pretrained(f"{a.run}/text", torch_dtype=torch.float32)
    return unet.to(a.device), text.to(a.device), CLIPTokenizer.from_pretrained(f"{a.run}/tokenizer")


def main(a):
    torch.manual_seed(int(time.time()))
    dev, path, latents = a.device, f"{a.run}/ldm.pt", f"{a.data}/latents.npy"
    if a.init_from:
        refuse("--init-from", path)
    c = torch.load(path, map_location=dev, weights_only=True) if os.path.exists(path) else None
    widths = widths_of(c["unet"]) if c else a.widths
    if a.widths and a.widths != widths:
        sys.exit(f"{path} is of the widths {widths}. Name a fresh folder to train others.")
    unet, text, tok = build(a, widths)
    lat = torch.from_numpy(np.load(latents)[:-1000]).to(dev)
    ids, y = captions(a.data, tok)[:len(lat)].to(dev), labels(a.data)[:len(lat)].to(dev)
    if dev == "cpu":
        cpu_attention(unet, text)
    # A linear reader of the middle block's states names what the picture will show; its loss
    # teaches the U-Net to use the caption early, fades away by half-time and is not shipped.
    reader, middle = torch.nn.Linear(unet.config.block_out_channels[-1], sum(map(len, FACTORS.values()))).to(dev), {}
    unet.mid_block.register_forward_hook(lambda m, i, o: middle.update(state=o))
    named = [("u." + n, p) for n, p in unet.named_parameters()] + [("t." + n, p) for n, p in text.named_parameters()]
    params = [p for _, p in named]
    opts, ema = [*optim.make(named, a.lr), torch.optim.AdamW(reader.parameters(), lr=a.lr)], Ema(params, a.ema)
    print("U-Net", sum(p.numel() for p in unet.parameters()) / 1e6, "M, text", sum(p.numel() for p in text.parameters()) / 1e6, "M,", len(lat), "pictures", flush=True)

    step, spent = 0, 0.0
    if c:
        unet.load_state_dict(c["unet"])
        text.load_state_dict(c["text"])
        reader.load_state_dict(c["reader"])
        for o, s in zip(opts, c["opt"]):
            o.load_state_dict(s)
        ema.values, ema.steps, step, spent = c["ema"], c["step"], c["step"], c["spent"]
        if stale(path, latents):
            step, spent = 0, 0.0
            print(f"{latents} is newer than {path}: the weights continue, their minutes begin again", flush=True)
        if over(path, *((step, a.steps) if a.steps else (spent, a.minutes * 60))):
            return

    lesson, empty = Lesson(dev), tokenise(tok, [""])[0].to(dev)

    def losses(short):
        """(weighted loss, squared error, the reader's loss) of one batch."""
        k = torch.randint(0, len(lat), (a.batch,), device=dev)
        i = ids[k, torch.randint(0, ids.shape[1], (a.batch,), device=dev)].long()
        i = torch.where(torch.rand(a.batch, 1, device=dev) < 0.1, empty, i)
        i = i[:, :24] if short else i
        loss, error = lesson(lambda noisy, t: unet(noisy, t, text(i).last_hidden_state).sample, lat[k].float(), lesson.times(a.batch))
        with torch.autocast(dev, torch.bfloat16):
            named = reader(middle["state"].mean((2, 3)))
        return loss, error, factor_loss(named, y[k])

    t0 = saved = shown = time.time()
    log, csv = [], open(f"{a.run}/ldm.csv", "a")
    while True:
        elapsed = spent + time.time() - t0
        progress = min(1.0, step / a.steps if a.steps else elapsed / (a.minutes * 60))
        if (step % 50 == 0 or progress >= 1) and log:
            m = np.mean(log, 0)
            print(f"step {step} {elapsed:.0f}s loss {m[0]:.4f} mse {m[1]:.4f} reader {m[2]:.3f} {m[3]:.3f}s/step", flush=True)
            print(f"{step},{elapsed:.0f},{m[0]:.4f},{m[1]:.4f},{m[2]:.4f}", file=csv, flush=True)
            log = []
        if time.time() - saved > a.save * 60 or progress >= 1:
            state = dict(unet=unet.state_dict(), text=text.state_dict(), reader=reader.state_dict(), opt=[o.state_dict() for o in opts], ema=ema.values, step=step, spent=elapsed)
            with whole(path) as part:
                torch.save(state, part)
            saved = time.time()
        if time.time() - shown > a.show * 60 or progress >= 1:
            preview(a, unet, text, ema, tok, f"{a.run}/grid_{elapsed / 60:05.1f}min.png")
            shown = time.time()
        if progress >= 1:
            return
        started = time.time()
        for o in opts:
            for g in o.param_groups:
                g["lr"] = a.lr * min(1, (step + 1) / a.warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss, mse, named = losses(progress < a.short)
        (loss + a.reader * max(0, 1 - 2 * progress) * named).backward()
        norm = torch.nn.utils.clip_grad_norm_(params, 1.0)
        for o in opts:
            if norm.isfinite():
                o.step()
            o.zero_grad()
        ema.update()
        step += 1
        log.append((loss.item(), mse.item(), named.item(), time.time() - started))


@torch.no_grad()
def preview(a, unet, text, ema, tok, path):
    vae = AutoencoderKL.from_pretrained(f"{a.run}/vae").to(a.device)
    with ema.swapped():
        enc = text(tokenise(tok, PROMPTS + [""]).to(a.device)).last_hidden_state
        noise = torch.randn(16, 4, 16, 16, generator=torch.Generator().manual_seed(3)).to(a.device)
        with torch.autocast(a.device, torch.bfloat16):
            z = ddim(unet, enc[:16], enc[16:], noise, 20)
        sheet(list(decode(vae, z)), path, 4)


def widths_of(unet):
    """The widths of a U-Net's four levels, from its weights."""
    return [unet[f"down_blocks.{i}.resnets.0.conv1.weight"].shape[0] for i in range(4)]


def load(run):
    """The averaged weights of the latest checkpoint: (unet, text, tokenizer)."""
    tok = CLIPTokenizer.from_pretrained(f"{run}/tokenizer")
    c = torch.load(f"{run}/ldm.pt", map_location="cpu", weights_only=True)
    unet, text = build_unet(widths_of(c["unet"])), CLIPTextModel.from_pretrained(f"{run}/text", torch_dtype=torch.float32)
    ema = Ema([*unet.parameters(), *text.parameters()], 0)
    ema.values = c["ema"]
    ema.swap()
    return unet.eval(), text.eval(), tok


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("run")
    p.add_argument("--init-from")
    p.add_argument("--widths", type=int, nargs=4, help="of the U-Net's four levels, multiples of 16")
    p.add_argument("--minutes", type=float, default=75)
    p.add_argument("--steps", type=int, default=0)
    p.add_argument("--batch", type=int, default=48)
    p.add_argument("--lr", type=float, default=1.5e-3)
    p.add_argument("--warmup", type=int, default=100)
    p.add_argument("--ema", type=float, default=0.997)
    p.add_argument("--reader", type=float, default=0.05, help="weight of the reader's loss at the start")
    p.add_argument("--short", type=float, default=0.85, help="share of the run that sees 24 tokens; the rest sees all 77")
    p.add_argument("--save", type=float, default=4, help="minutes between checkpoints")
    p.add_argument("--show", type=float, default=12, help="minutes between previews")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    if a.widths and a.init_from:
        p.error("--widths: the weights of --init-from have theirs")
    torch.set_num_threads(a.threads)
    main(a)
