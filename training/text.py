"""Captions as tokens, and a minute of school for the text encoder before it meets pictures.

    python text.py DATA RUN          DATA/tokens.npy and RUN/text (weights that know the world's words); begins again when interrupted

The encoder learns to report subject, colour, scene, medium, size and place of a caption
from any state at or after the caption's end.  Those are the states the U-Net attends
to, so it finds them well sorted from its first step; both are then trained together.
"""
import argparse
import json
import os
import numpy as np
import torch
import torch.nn.functional as F
from transformers import CLIPTokenizer
import optim
from files import whole
from models import TEXT, build_text, tokenise
from world import COLOURS, MEDIA, SCENES, SUBJECTS, caption

FACTORS = {"subject": SUBJECTS, "colour": list(COLOURS), "scene": SCENES, "medium": MEDIA, "size": ["", "small", "big"], "pos": ["", "left", "right"]}


def captions(data, tok, each=4):
    """ids [pictures, each, 77]: several captions of every picture, drawn once."""
    path = f"{data}/tokens.npy"
    if not os.path.exists(path):
        specs, r = json.load(open(f"{data}/specs.json")), np.random.default_rng(1)
        ids = [tokenise(tok, [caption(s, r) for s in specs[i:i + 1000] for _ in range(each)]) for i in range(0, len(specs), 1000)]
        with whole(path) as part, open(part, "wb") as f:
            np.save(f, torch.cat(ids).numpy().astype(np.int16).reshape(len(specs), each, 77))
    return torch.from_numpy(np.load(path))


def labels(data):
    """[pictures, factors]: the index of every factor's value."""
    return torch.tensor([[v.index(s[k]) for k, v in FACTORS.items()] for s in json.load(open(f"{data}/specs.json"))])


def factor_loss(logits, y):
    """logits [n, all values], y [n, factors]"""
    parts = logits.float().split([len(v) for v in FACTORS.values()], 1)
    return sum(F.cross_entropy(p, y[:, k]) for k, p in enumerate(parts)) / len(FACTORS)


def school(a):
    torch.manual_seed(0)
    tok = CLIPTokenizer.from_pretrained(f"{a.run}/tokenizer")
    ids, y = captions(a.data, tok).to(a.device), labels(a.data).to(a.device)
    text = build_text(len(tok)).to(a.device)
    head = torch.nn.Linear(TEXT, sum(map(len, FACTORS.values()))).to(a.device)
    named = [("t." + n, p) for n, p in text.named_parameters()]
    opts = [*optim.make(named, a.lr), torch.optim.AdamW(head.parameters(), lr=a.lr)]
    for step in range(a.steps):
        for o in opts:
            for g in o.param_groups:
                g["lr"] = a.lr * min(1, (step + 1) / 50) * (1 - step / a.steps)
        k = torch.randint(0, len(ids), (a.batch,), device=a.device)
        i = ids[k, torch.randint(0, ids.shape[1], (a.batch,), device=a.device)].long()
        i = i if step % 8 == 7 else i[:, :24]              # captions have at most 23 tokens
        end = (i != i.max()).sum(1)                        # the index of the first end-of-text token
        at = end + (torch.rand(len(i), device=a.device) * (i.shape[1] - end)).long()
        state = text(i).last_hidden_state[torch.arange(len(i), device=a.device), at]
        loss = factor_loss(head(state), y[k])
        loss.backward()
        for o in opts:
            o.step()
            o.zero_grad()
        if step % 100 == 99:
            print(f"step {step + 1} loss {loss.item():.3f}", flush=True)
    text.save_pretrained(f"{a.run}/text")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("run")
    p.add_argument("--steps", type=int, default=800)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    school(a)
