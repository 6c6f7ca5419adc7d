"""The same passes in diffusers: python peer-step.py MODEL unet|decoder SIDE PASSES THREADS float32|bfloat16|float16.

The first pass is not among the times. float16 runs on CUDA, and its memory is that of the GPU.
"""
import json
import resource
import sys
import time
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

path, part, side, passes, threads, dtype = sys.argv[1:]
torch.set_num_threads(int(threads))
device = "cuda" if dtype == "float16" else "cpu"
torch.set_default_device(device)
dtype = getattr(torch, dtype)
side = int(side)
if part == "decoder":
    vae = AutoencoderKL.from_pretrained(path, subfolder="vae", torch_dtype=dtype).to(device).eval()
    latents = torch.randn(1, 4, side, side, dtype=dtype)
    run = lambda: vae.decode(latents)
else:
    unet = UNet2DConditionModel.from_pretrained(path, subfolder="unet", torch_dtype=dtype).to(device).eval()
    sample = torch.randn(2, 4, side, side, dtype=dtype)
    context = torch.randn(2, 77, unet.config.cross_attention_dim, dtype=dtype)
    run = lambda: unet(sample, torch.tensor(500), context)
milliseconds = []
with torch.inference_mode():
    for k in range(int(passes) + 1):
        begun = time.perf_counter()
        run()
        if device == "cuda":
            torch.cuda.synchronize()
        if k > 0:
            milliseconds.append(1000 * (time.perf_counter() - begun))
peak = torch.cuda.max_memory_reserved() if device == "cuda" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(milliseconds=milliseconds, peakBytes=peak)))
