"""What every training of the U-Net or of something beside it shares: the denoising lesson, and a short loop."""
import math
import time
import numpy as np
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer
from attention import CpuAttention
from files import checkpoint, over, stale, whole
from models import SCHEDULE
from vae import to_x


class Lesson:
    """Noise in, noise out: epsilon prediction with min-SNR-5 weights, https://arxiv.org/abs/2303.09556."""

    def __init__(self, device):
        self.device = device
        self.abar = DDPMScheduler(**SCHEDULE).alphas_cumprod.to(device)
        snr = self.abar / (1 - self.abar)
        self.weight = snr.clamp(max=5) / snr

    def times(self, n):
        """n timesteps, one from each n-th of the schedule."""
        return ((torch.arange(n, device=self.device) + torch.rand(n, device=self.device)) / n * 1000).long().clamp(max=999)

    def __call__(self, predict, x, t):
        """predict(noisy, t) -> noise; clean latents x [n, 4, h, w], t [n].  Returns (weighted loss, plain squared error)."""
        noise, ab = torch.randn_like(x), self.abar[t].view(-1, 1, 1, 1)
        with torch.autocast(self.device, torch.bfloat16):
            found = predict(ab.sqrt() * x + (1 - ab).sqrt() * noise, t)
        se = ((found.float() - noise) ** 2).mean((1, 2, 3))
        return (se * self.weight[t]).mean(), se.detach().mean()


def cpu_attention(unet, text):
    unet.set_attn_processor(CpuAttention())
    text.set_attn_implementation("eager")


def open_model(folder, device):
    """(unet, text encoder, vae, tokenizer) of a model folder in fp32, frozen."""
    part = lambda c, n: c.from_pretrained(folder, subfolder=n, torch_dtype=torch.float32).to(device).eval().requires_grad_(False)
    unet, text, vae = part(UNet2DConditionModel, "unet"), part(CLIPTextModel, "text_encoder"), part(AutoencoderKL, "vae")
    if device == "cpu":
        cpu_attention(unet, text)
    return unet, text, vae, CLIPTokenizer.from_pretrained(f"{folder}/tokenizer")


@torch.no_grad()
def encode(vae, pictures, device, batch=25):
    """uint8 [n, h, w, 3] -> latents [n, 4, h/8, w/8], scaled as the U-Net knows them."""
    parts = [pictures[i:i + batch] for i in range(0, len(pictures), batch)]
    return torch.cat([vae.encode(to_x(np.asarray(p), device)).latent_dist.mean for p in parts]) * vae.config.scaling_factor


def practise(step, opts, params, a, warmup=40, save=120):
    """Calls step() -> (loss, error) until a.minutes are over, on a cosine from a.lr to 2 %.

    The checkpoint is beside a.out, with the curve: started again, it continues, unless a.model has been trained since.
    """
    path, source = checkpoint(a.out, a.model)
    n, spent, log, resumed = 0, 0.0, [], not stale(path, source)
    if resumed:
        c = torch.load(path, map_location=a.device, weights_only=True)
        for p, v in zip(params, c["params"]):
            p.data.copy_(v)
        for o, s in zip(opts, c["opt"]):
            o.load_state_dict(s)
        n, spent = c["step"], c["spent"]
        if over(path, spent, a.minutes * 60):
            return n
    curve = open(path.removesuffix(".pt") + ".csv", "a" if resumed else "w", buffering=1)
    if not resumed:
        print("step,seconds,weighted_loss,mse", file=curve)
    torch.seed()                                       # what resumes sees other noise than at its beginning
    begun = saved = time.time()
    while True:
        elapsed = spent + time.time() - begun
        progress = min(1.0, elapsed / (a.minutes * 60))
        if (n % 50 == 0 or progress >= 1) and log:
            loss, error = np.mean(log, 0)
            print(f"step {n} {elapsed:.0f}s loss {loss:.4f} mse {error:.4f}", flush=True)
            print(f"{n},{elapsed:.0f},{loss:.4f},{error:.4f}", file=curve)
            log = []
        if time.time() - saved > save or progress >= 1:
            with whole(path) as part:
                torch.save(dict(params=[p.detach() for p in params], opt=[o.state_dict() for o in opts], step=n, spent=elapsed), part)
            saved = time.time()
        if progress >= 1:
            return n
        for g in (g for o in opts for g in o.param_groups):
            g["lr"] = a.lr * min(1, (n + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
        loss, error = step()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        for o in opts:
            o.step()
            o.zero_grad()
        n += 1
        log.append((loss.item(), error.item()))
