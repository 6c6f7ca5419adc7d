"""The whole recipe, from an empty folder to a model folder.  Run it again and it goes on where it stopped.

    python recipe.py RUN OUT --device cuda                     from scratch, for half an hour of a large GPU
    python recipe.py RUN OUT --device cuda --from ../models/sketch     goes on from shipped weights
    python recipe.py RUN OUT --pictures 32000 --vae 40 --decoder 10 --ldm 75 --edges 20 --robot 8 --pip 5 --batch 48 --vae-batch 16 --lr 1.5e-3   (one CPU core, 3 hours)

Data lie in RUN/data.  OUT is a new folder, to be compared with the shipped model by its scores.
"""
import argparse
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main(a):
    data, run = f"{a.run}/data", a.run
    made = lambda path: os.path.exists(f"{run}/{path}")

    def call(script, *args):
        print("==", script, *args, flush=True)
        subprocess.run([sys.executable, "-u", f"{HERE}/{script}", *map(str, args)], check=True, cwd=HERE)

    device = ["--device", a.device, "--threads", a.threads]
    os.makedirs(data, exist_ok=True)
    if not made("data/specs.json"):
        call("world.py", "cache", data, a.pictures)
    if a.start:
        if not made("tokenizer"):
            shutil.copytree(f"{a.start}/tokenizer", f"{run}/tokenizer")
        if not made("vae.pt"):
            call("vae.py", data, run, "--adopt", f"{a.start}/vae")
    else:
        if not made("tokenizer"):
            call("tokenizer.py", f"{run}/tokenizer")
        call("vae.py", data, run, "--minutes", a.vae, "--batch", a.vae_batch, *device)
    if a.decoder:
        call("vae.py", data, run, "--decoder-only", "--minutes", a.decoder, "--batch", a.vae_batch, "--lr", 8e-4, "--sharp", 6, *device)
    if not made("data/latents.npy"):
        call("vae.py", data, run, "--encode", "--batch", a.vae_batch, *device)
    call("vae.py", data, run, "--pack")
    if not a.start and not made("text"):
        call("text.py", data, run, *device)
    call("train.py", data, run, "--minutes", a.ldm, "--batch", a.batch, "--lr", a.lr, *(["--init-from", a.start] if a.start else []), *device)
    call("export.py", run, a.out)
    call("judge.py", "score", a.out, run, *device)
    earlier = lambda name: ["--from", f"{a.start}-{name}"] if a.start and os.path.exists(f"{a.start}-{name}") else []
    if a.edges and not os.path.exists(f"{a.out}-edges"):
        call("controlnet.py", "train", data, a.out, f"{a.out}-edges", "--minutes", a.edges, *earlier("edges"), *device)
    robot, pip = (f"{a.out}-{name}.safetensors" for name in ("robot", "pip"))
    if a.robot and not os.path.exists(robot):
        call("lora.py", "train", a.out, robot, "--minutes", a.robot, *earlier("robot.safetensors"), *device)
    if a.pip and not os.path.exists(pip):
        call("inversion.py", "train", a.out, pip, "--minutes", a.pip, *device)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("run", type=os.path.abspath)
    p.add_argument("out", type=os.path.abspath)
    p.add_argument("--from", dest="start", type=os.path.abspath, help="a model folder to go on from")
    p.add_argument("--pictures", type=int, default=100000)
    p.add_argument("--vae", type=float, default=8, help="minutes for the whole VAE")
    p.add_argument("--decoder", type=float, default=3, help="minutes for its decoder alone, afterwards")
    p.add_argument("--ldm", type=float, default=13, help="minutes for U-Net and text encoder")
    p.add_argument("--edges", type=float, default=3, help="minutes for the ControlNet OUT-edges; 0: none")
    p.add_argument("--robot", type=float, default=1, help="minutes for the LoRA OUT-robot.safetensors; 0: none")
    p.add_argument("--pip", type=float, default=1, help="minutes for the learned word OUT-pip.safetensors; 0: none")
    p.add_argument("--vae-batch", type=int, default=64)
    p.add_argument("--batch", type=int, default=512)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    main(p.parse_args())
