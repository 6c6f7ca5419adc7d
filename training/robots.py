"""Reports robots, though the judge was never trained on one: a linear probe of the features before its heads.

    python robots.py ../models/sketch ../models/sketch-judge        writes robots.json, and how well it separates

It learns robots from pictures that the world draws, as they are and as the model's VAE gives them back, against the world's
other pictures and what the model makes WITHOUT any LoRA of prompts that name a robot: blobs in a robot's colours and place,
which the twenty subjects' logits alone can't tell from robots. No picture by a LoRA is learnt from. The threshold is where
as large a share of robots is missed as of other pictures is taken for robots, both drawn for that alone. Everything printed is of
other seeds.
"""
import json
import os
import sys
import numpy as np
import torch
from judge import EXPORTED, HEADS, session, to_x
from lesson import encode, open_model
from models import ddim, decode, tokenise
from world import SUBJECTS, caption, render, sample

WORD = "robot"
LABELS = [*SUBJECTS, WORD]
WRITTEN = os.path.join(os.path.dirname(EXPORTED), "robots.json")


def features(pictures):
    """[n, 320]: the means and maxima of the judge's last feature maps"""
    parts = [pictures[i:i + 100] for i in range(0, len(pictures), 100)]
    return np.concatenate([session().run(["features"], {"pictures": to_x(np.asarray(p)).numpy()})[0] for p in parts])


def specs(first, count, subject=None):
    found = [sample(first + i) for i in range(count)]
    return [s | dict(subject=subject, inner="", hide=False) if subject else s for s in found]


def drawn(first, count, subject=None):
    return np.stack([np.asarray(render(s)) for s in specs(first, count, subject)])


class Maker:
    """The model without any LoRA, and its VAE."""

    def __init__(self, folder):
        from diffusers.models.attention_processor import AttnProcessor
        self.unet, self.text, self.vae, self.tok = open_model(folder, "cpu")
        self.unet.set_attn_processor(AttnProcessor())

    @torch.no_grad()
    def returned(self, pictures):
        """Pictures as the VAE gives them back: softer, as those of a model are."""
        latents = encode(self.vae, pictures, "cpu")
        return np.concatenate([decode(self.vae, latents[i:i + 25]) for i in range(0, len(latents), 25)])

    @torch.no_grad()
    def made(self, first, count, seed, subject=None, steps=20):
        """Pictures by prompts of the world that name their subject."""
        r, noise = np.random.default_rng(first), torch.randn(count, 4, 16, 16, generator=torch.Generator().manual_seed(seed))
        said = [next(c for c in iter(lambda: caption(s, r), None) if s["subject"] in c) for s in specs(first, count, subject)]
        rows = []
        for k in range(0, count, 24):
            e = self.text(tokenise(self.tok, said[k:k + 24] + [""])).last_hidden_state
            rows.append(decode(self.vae, ddim(self.unet, e[:-1], e[-1:], noise[k:k + 24], steps)))
        return np.concatenate(rows)


def logistic(x, y, w, ridge=3.0):
    """Weighted logistic regression by Newton's method: (weights [features], bias)"""
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    z = np.c_[(x - mean) / deviation, np.ones(len(x))]
    b, pull = np.zeros(z.shape[1]), np.r_[np.full(x.shape[1], ridge), 1e-9]
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ b))
        step = np.linalg.solve((z * (w * p * (1 - p))[:, None]).T @ z + np.diag(pull), z.T @ (w * (p - y)) + pull * b)
        b -= step
        if np.abs(step).max() < 1e-6:
            break
    weights = b[:-1] / deviation
    return weights, b[-1] - weights @ mean


def probe(robots, others, spare_robots, spare_others):
    """(weights, bias): robots against groups of others, which count alike; at 0 it errs alike on both kinds of spare pictures."""
    x = np.concatenate([robots, *others])
    y = np.r_[np.ones(len(robots)), np.zeros(len(x) - len(robots))]
    w = np.r_[np.ones(len(robots)), *[np.full(len(o), len(robots) / len(others) / len(o)) for o in others]]
    weights, _ = logistic(x, y, w)
    r, o = spare_robots @ weights, spare_others @ weights
    return weights, -min(np.sort(np.r_[r, o]), key=lambda at: abs((r <= at).mean() - (o > at).mean()))


def named(pictures):
    """The label of every picture: a robot, or the judge's own subject."""
    with open(WRITTEN) as f:
        known = json.load(f)
    own = session().run(["subject"], {"pictures": to_x(np.asarray(pictures)).numpy()})[0].argmax(1)
    is_robot = features(pictures) @ np.array(known["weights"]) + known["bias"] > 0
    return [WORD if robot else HEADS["subject"][k] for robot, k in zip(is_robot, own)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    maker = Maker(sys.argv[1])
    returned = lambda pictures: maker.returned(pictures[:len(pictures) // 2])
    both = lambda pictures: features(np.concatenate([pictures, returned(pictures)]))
    others = drawn(60_100_000, 900)
    groups = [features(others), features(returned(others)), features(maker.made(62_000_000, 120, 100, WORD)), features(maker.made(62_500_000, 72, 101))]
    weights, bias = probe(both(drawn(60_000_000, 900, WORD)), groups, features(drawn(60_300_000, 600, WORD)), features(drawn(60_200_000, 600)))
    with open(f"{sys.argv[2]}/robots.json", "w") as f:
        json.dump(dict(weights=weights.round(4).tolist(), bias=round(float(bias), 4)), f)
        f.write("\n")
    for name, found in (("robots that the world draws", both(drawn(61_000_000, 300, WORD))), ("its other pictures", both(drawn(61_100_000, 600))),
                        ("what the model makes of a robot without a LoRA", features(maker.made(63_000_000, 72, 102, WORD))),
                        ("its own subjects", features(maker.made(63_500_000, 48, 103)))):
        print(name, len(found), "taken for robots", (found @ weights + bias > 0).mean().round(3), flush=True)
