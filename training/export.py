"""Write the model as a diffusers folder in fp16, with its prompt vocabulary, and draw a sheet with diffusers' own pipeline.

    python export.py RUN ../models/sketch [--no-sheet]

Overwrites the parts; leaves README.md and other files of the folder alone.
"""
import argparse
import json
import os
import shutil
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from models import SCHEDULE
from train import PROMPTS, load
from vocabulary import vocabulary
from world import sheet

SCHEDULER = {"_class_name": "PNDMScheduler", "_diffusers_version": "0.30.0", **SCHEDULE, "clip_sample": False, "prediction_type": "epsilon", "set_alpha_to_one": False,
             "skip_prk_steps": True, "steps_offset": 1, "timestep_spacing": "leading", "trained_betas": None}
INDEX = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.30.0", "feature_extractor": [None, None], "image_encoder": [None, None],
         "requires_safety_checker": False, "safety_checker": [None, None], "scheduler": ["diffusers", "PNDMScheduler"],
         "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
         "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]}


def write(value, path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=2, ensure_ascii=False)
        f.write("\n")


def export(run, out):
    unet, text, _ = load(run)
    for name, m in (("unet", unet), ("text_encoder", text), ("vae", AutoencoderKL.from_pretrained(f"{run}/vae", torch_dtype=torch.float32))):
        shutil.rmtree(f"{out}/{name}", ignore_errors=True)
        m.half().save_pretrained(f"{out}/{name}", safe_serialization=True)
        config = f"{out}/{name}/config.json"
        kept = {k: v for k, v in json.load(open(config)).items() if k != "_name_or_path"}
        # Kept in half, used in full: transformers would load this part alone as half, and the pipeline could not run.
        write(kept | ({"dtype": "float32"} if "dtype" in kept else {}), config)
    shutil.copytree(f"{run}/tokenizer", f"{out}/tokenizer", dirs_exist_ok=True)
    write(SCHEDULER, f"{out}/scheduler/scheduler_config.json")
    write(INDEX, f"{out}/model_index.json")
    write(vocabulary(), f"{out}/vocabulary.json")


def size(folder):
    return sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(folder) for f in files)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("run")
    p.add_argument("out")
    p.add_argument("--no-sheet", action="store_true")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    export(a.run, a.out)
    for n in sorted(os.listdir(a.out)):
        if os.path.isdir(f"{a.out}/{n}"):
            print(n, f"{size(f'{a.out}/{n}') / 1e6:.2f} MB")
    print("total", f"{size(a.out) / 1e6:.2f} MB")
    if not a.no_sheet:
        pipe = StableDiffusionPipeline.from_pretrained(a.out)
        pipe.set_progress_bar_config(disable=True)
        draw = lambda i, p: pipe(p, height=128, width=128, num_inference_steps=25, guidance_scale=6.0, generator=torch.Generator().manual_seed(100 + i)).images[0]
        sheet([draw(i, p) for i, p in enumerate(PROMPTS)], f"{a.run}/export.png", 4)
