"""Opens learnt files with diffusers and writes what the pipeline computes with them.

    python open-in-diffusers.py MODEL LORA.safetensors WORD.safetensors OUT.safetensors

Needs torch, diffusers, transformers, peft. OUT: `prediction` of the U-Net with the LoRA, and `states` of "a <pip>".
"""
import sys
import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

model, lora, word, out = sys.argv[1:]
part = lambda kind, folder: kind.from_pretrained(model, subfolder=folder)
pipe = StableDiffusionPipeline(
    vae=part(AutoencoderKL, "vae"), text_encoder=part(CLIPTextModel, "text_encoder"), tokenizer=part(CLIPTokenizer, "tokenizer"),
    unet=part(UNet2DConditionModel, "unet"), scheduler=part(DDIMScheduler, "scheduler"), safety_checker=None, feature_extractor=None, requires_safety_checker=False)
rows = load_file(out)
with torch.no_grad():
    plain = pipe.unet(rows["sample"], torch.tensor(500), rows["context"]).sample
    pipe.load_lora_weights(lora)
    prediction = pipe.unet(rows["sample"], torch.tensor(500), rows["context"]).sample
    pipe.load_textual_inversion(word)
    prompt = pipe.maybe_convert_prompt("a <pip>", pipe.tokenizer)
    ids = pipe.tokenizer(prompt, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
    states = pipe.text_encoder(ids).last_hidden_state
save_file({"plain": plain, "prediction": prediction, "states": states}, out)
