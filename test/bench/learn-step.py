"""The same steps in PyTorch: python learn-step.py MODEL PIXELS small|all STEPS THREADS; needs torch, diffusers, peft.

`small` checkpoints the blocks' gradients.  The first step is not among the times.
"""
import json
import resource
import sys
import time
import torch
from diffusers import UNet2DConditionModel
from peft import LoraConfig

path, pixels, memory, steps, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
unet = UNet2DConditionModel.from_pretrained(path, subfolder="unet").requires_grad_(False).train()
unet.add_adapter(LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
if memory == "small":
    unet.enable_gradient_checkpointing()
learnt = [p for p in unet.parameters() if p.requires_grad]
optimiser = torch.optim.AdamW(learnt, lr=1e-4, weight_decay=0)
side = int(pixels) // 8
context = torch.randn(1, 77, unet.config.cross_attention_dim)
milliseconds, cpu = [], []
for step in range(int(steps) + 1):
    sample, target = torch.randn(2, 1, 4, side, side)
    begun, cpu_begun = time.perf_counter(), time.process_time()
    loss = torch.nn.functional.mse_loss(unet(sample, torch.tensor([500]), context).sample, target)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learnt, 1)
    optimiser.step()
    optimiser.zero_grad()
    if step > 0:
        milliseconds.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.process_time() - cpu_begun))
print(json.dumps(dict(milliseconds=milliseconds, cpuMilliseconds=cpu, peakBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)))
