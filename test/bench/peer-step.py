"""The same passes in diffusers: python peer-step.py MODEL unet|decoder SIDE PASSES THREADS float32|bfloat16.

The first pass is not among the times.
"""
import json
import resource
import sys
import time
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

path, part, side, passes, threads, dtype = sys.argv[1:]
torch.set_num_threads(int(threads))
dtype = getattr(torch, dtype)
side = int(side)
if part == "decoder":
    vae = AutoencoderKL.from_pretrained(path, subfolder="vae", torch_dtype=dtype).eval()
    latents = torch.randn(1, 4, side, side, dtype=dtype)
    run = lambda: vae.decode(latents)
else:
    unet = UNet2DConditionModel.from_pretrained(path, subfolder="unet", torch_dtype=dtype).eval()
    sample = torch.randn(2, 4, side, side, dtype=dtype)
    context = torch.randn(2, 77, unet.config.cross_attention_dim, dtype=dtype)
    run = lambda: unet(sample, torch.tensor(500), context)
milliseconds = []
with torch.inference_mode():
    for k in range(int(passes) + 1):
        begun = time.perf_counter()
        run()
        if k > 0:
            milliseconds.append(1000 * (time.perf_counter() - begun))
print(json.dumps(dict(milliseconds=milliseconds, peakBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)))
