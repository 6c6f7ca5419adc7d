"""The whole recipe, from an empty folder to a model folder.  Run it again and it continues where it stopped.

    python recipe.py RUN OUT --device cuda                     from scratch, for half an hour of a large GPU
    python recipe.py RUN OUT --device cuda --from ../models/sketch     continues from shipped weights
    python recipe.py RUN OUT --pictures 32000 --vae 40 --decoder 10 --ldm 75 --edges 20 --robot 8 --pip 5 --batch 48 --vae-batch 16 --companion-batch 24 --lr 1.5e-3   (one CPU core, 3 hours)

More minutes for a stage make what rests on it again: latents and decoder rest on the VAE, the
U-Net on the latents, the companions on the U-Net.  Data are in RUN/data.  OUT is a new folder, to
be compared with the shipped model by its scores.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
from files import checkpoint, stale, whole

HERE = os.path.dirname(os.path.abspath(__file__))


def call(script, *args):
    print("==", script, *args, flush=True)
    subprocess.run([sys.executable, "-u", f"{HERE}/{script}", *map(str, args)], check=True, cwd=HERE)


def begin(a):
    """A run keeps the options that it was started with; others need a folder of their own."""
    path, now = f"{a.run}/begun.json", {"--from": a.start, "--pictures": a.pictures, "--widths": a.widths}
    if stale(path):
        with whole(path) as part, open(part, "w") as f:
            json.dump(now, f)
    with open(path) as f:
        begun = json.load(f)
    for option, then in begun.items():
        if then != now[option]:
            sys.exit(f"{a.run} was begun with {option} {then}, not {now[option]}. Repeat that, or name a fresh folder.")


def main(a, call=call):
    data, run = f"{a.run}/data", a.run
    at = lambda name: f"{run}/{name}"
    device = ["--device", a.device, "--threads", a.threads]
    os.makedirs(data, exist_ok=True)
    begin(a)
    if stale(f"{data}/specs.json"):
        call("world.py", "cache", data, a.pictures)
    if a.start:
        shutil.copytree(f"{a.start}/tokenizer", at("tokenizer"), dirs_exist_ok=True)
        if stale(at("vae.pt")):
            call("vae.py", data, run, "--adopt", f"{a.start}/vae")
    else:
        if stale(at("tokenizer")):
            call("tokenizer.py", at("tokenizer"))
        call("vae.py", data, run, "--minutes", a.vae, "--batch", a.vae_batch, *device)
    if a.decoder:
        call("vae.py", data, run, "--decoder-only", "--minutes", a.decoder, "--batch", a.vae_batch, "--lr", 8e-4, "--sharp", 2, *device)
    if stale(f"{data}/latents.npy", at("vae.pt")):
        call("vae.py", data, run, "--encode", "--batch", a.vae_batch, *device)
    call("vae.py", data, run, "--pack")
    if not a.start and stale(at("text/model.safetensors")):
        call("text.py", data, run, *device)
    init = ["--init-from", a.start] if a.start and stale(at("ldm.pt")) else []
    widths = ["--widths", *a.widths] if a.widths else []
    call("train.py", data, run, "--minutes", a.ldm, "--batch", a.batch, "--lr", a.lr, "--reader", a.reader, *init, *widths, *device)
    index = f"{a.out}/model_index.json"
    if stale(index, *map(at, ("ldm.pt", "vae.pt", "decoder.pt"))):
        call("export.py", run, a.out)
    if stale(at("scores.json"), index):
        call("judge.py", "score", a.out, run, "--pictures", a.pictures, *device)
    companions(a, call, data, device)


def companions(a, call, data, device):
    def train(name, minutes, script, *args):
        out = f"{a.out}-{name}"
        earlier = f"{a.start}-{name}" if a.start and script != "inversion.py" else ""
        if minutes:
            start = ["--from", earlier] if earlier and os.path.exists(earlier) and stale(*checkpoint(out, a.out)) else []
            call(script, "train", *args, a.out, out, "--minutes", minutes, "--batch", a.companion_batch, *start, *device)

    train("edges", a.edges, "controlnet.py", data)
    train("robot.safetensors", a.robot, "lora.py")
    train("pip.safetensors", a.pip, "inversion.py")


def options(words=None):
    p = argparse.ArgumentParser()
    p.add_argument("run", type=os.path.abspath)
    p.add_argument("out", type=os.path.abspath)
    p.add_argument("--from", dest="start", type=os.path.abspath, help="a model folder to continue from")
    p.add_argument("--pictures", type=int, default=100000, help="the last 1,000 of them are held out")
    p.add_argument("--vae", type=float, default=8, help="minutes for the whole VAE")
    p.add_argument("--decoder", type=float, default=3, help="minutes for its decoder alone, afterwards")
    p.add_argument("--ldm", type=float, default=13, help="minutes for U-Net and text encoder")
    p.add_argument("--edges", type=float, default=3, help="minutes for the ControlNet OUT-edges; 0: none")
    p.add_argument("--robot", type=float, default=1, help="minutes for the LoRA OUT-robot.safetensors; 0: none")
    p.add_argument("--pip", type=float, default=1, help="minutes for the learned word OUT-pip.safetensors; 0: none")
    p.add_argument("--widths", type=int, nargs=4, help="of the U-Net's four levels, multiples of 16; not with --from")
    p.add_argument("--vae-batch", type=int, default=64)
    p.add_argument("--batch", type=int, default=512)
    p.add_argument("--companion-batch", type=int, default=128)
    p.add_argument("--lr", type=float, help="of the U-Net: 2e-3, with --from 1e-3")
    p.add_argument("--reader", type=float, help="weight of the reader's loss: 0.05, with --from 0")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args(words)
    if a.pictures <= 1000:
        p.error("--pictures: more than 1,000, since the last 1,000 are held out")
    if a.widths and a.start:
        p.error("--widths: the weights of --from have theirs")
    a.lr = a.lr or (1e-3 if a.start else 2e-3)
    a.reader = a.reader if a.reader is not None else 0.0 if a.start else 0.05
    return a


if __name__ == "__main__":
    main(options())
