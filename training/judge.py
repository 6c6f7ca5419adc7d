"""A small classifier of the world's pictures, which scores generated ones and serves the tests as "is this a turtle?".

    python judge.py train DATA RUN --minutes 12      RUN/judge.pt (continues from it where it exists)
    python judge.py export RUN ../models/sketch-judge         judge.onnx and labels.json
    python judge.py score MODEL RUN --prompts 200    scores of a model folder by the exported judge, RUN/scores.json and a sheet
"""
import argparse
import functools
import itertools
import json
import os
import time
import numpy as np
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
from world import COLOURS, MEDIA, MEDIUM_WORDS, SCENE_WORDS, SCENES, SUBJECTS, article, render, sample, scenes_of, sheet

EXPORTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../models/sketch-judge/judge.onnx")
HEADS = {"subject": SUBJECTS, "colour": list(COLOURS), "scene": SCENES, "medium": MEDIA}
OUTPUTS = [*HEADS, "features"]


class Judge(nn.Module):
    def __init__(self, widths=(24, 48, 96, 160)):
        super().__init__()
        layers, c = [], 3
        for n in widths:
            layers += [nn.Conv2d(c, n, 3, 2, 1), nn.GroupNorm(8, n), nn.SiLU(), nn.Conv2d(n, n, 3, 1, 1), nn.GroupNorm(8, n), nn.SiLU()]
            c = n
        self.body = nn.Sequential(*layers)
        self.mix = nn.Linear(c * 2, 160)
        self.heads = nn.ModuleDict({k: nn.Linear(160, len(v)) for k, v in HEADS.items()})

    def features(self, x):
        """x [n, 3, 128, 128] in [-1, 1] -> means and maxima of the last feature maps, [n, 320]"""
        f = self.body(x)
        return torch.cat([f.mean((2, 3)), f.amax((2, 3))], 1)

    def forward(self, x):
        """x [n, 3, 128, 128] in [-1, 1] -> logits of every head"""
        return self.logits(self.features(x))

    def logits(self, features):
        f = F.silu(self.mix(features))
        return {k: h(f) for k, h in self.heads.items()}


def to_x(pictures):
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def train(a):
    images = np.load(f"{a.data}/images.npy", mmap_mode="r")
    specs = json.load(open(f"{a.data}/specs.json"))
    y = {k: torch.tensor([v.index(s[k]) for s in specs]).to(a.device) for k, v in HEADS.items()}
    m, r, n = (load(a.run).train() if os.path.exists(f"{a.run}/judge.pt") else Judge()).to(a.device), np.random.default_rng(0), len(specs) - 1000
    opt = torch.optim.AdamW(m.parameters(), lr=a.lr, weight_decay=1e-2)
    t0, step = time.time(), 0
    while (progress := (time.time() - t0) / (a.minutes * 60)) < 1:
        for g in opt.param_groups:
            g["lr"] = a.lr * min(1, (step + 1) / 50) * (1 - progress)
        k = np.sort(r.choice(n, 48, replace=False))
        x = to_x(images[k]).to(a.device)
        x = x + 0.06 * torch.randn_like(x) * torch.rand(len(x), 1, 1, 1, device=a.device)
        if step % 2:                                   # tolerate the softness of decoded pictures
            x = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
        if r.random() < .5:
            x = x.flip(3)
        with torch.autocast(a.device, torch.bfloat16):
            o = m(x)
        sum(F.cross_entropy(o[h].float(), y[h][k]) * (2 if h == "subject" else 1) for h in HEADS).backward()
        opt.step()
        opt.zero_grad()
        step += 1
    m.eval()
    torch.save({k: v.half().cpu() for k, v in m.state_dict().items()}, f"{a.run}/judge.pt")
    print("steps", step, accuracy(load(a.run), a.data), flush=True)


@torch.no_grad()
def accuracy(m, data):
    """Share of the 1,000 held-out pictures named rightly, for every head."""
    images, specs = np.load(f"{data}/images.npy", mmap_mode="r")[-1000:], json.load(open(f"{data}/specs.json"))[-1000:]
    o = [m(to_x(images[i:i + 100])) for i in range(0, 1000, 100)]
    return {h: round(float(np.mean([v.index(s[h]) == k for s, k in zip(specs, torch.cat([q[h] for q in o]).argmax(1).tolist())])), 3) for h, v in HEADS.items()}


def load(run):
    m = Judge()
    m.load_state_dict({k: v.float() for k, v in torch.load(f"{run}/judge.pt", weights_only=True).items()})
    return m.eval()


@functools.cache
def session():
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(EXPORTED, o)


def judge(images):
    """uint8 [n, 128, 128, 3] -> probabilities [n, values] of every head, by the judge that the tests ask too."""
    logits = session().run(list(HEADS), {"pictures": to_x(np.asarray(images)).numpy()})
    return {h: torch.from_numpy(v).softmax(1).numpy() for h, v in zip(HEADS, logits)}


def hits(pictures, wanted):
    """{head: for every picture, whether the judge names what was wanted}"""
    p = judge(pictures)
    return {h: p[h].argmax(1) == [HEADS[h].index(w[h]) for w in wanted] for h in HEADS}


def shares(hit):
    return {h: round(float(v.mean()), 3) for h, v in (hit | {"all four": np.min(list(hit.values()), 0)}).items()}


def drawn(seed, wanted):
    """A picture of those factors as the world draws it: what the judge says of such ones bounds what it can say of a model's."""
    return np.asarray(render(sample(seed) | wanted | dict(size="", pos="", hide=False, inner="")))


def unseen(pictures):
    """{subject: combinations of all factors that the world may draw, but none of its first pictures shows}, shuffled."""
    seen, r = {tuple(sample(i)[h] for h in HEADS) for i in range(pictures)}, np.random.default_rng(11)
    rest = [c for c in itertools.product(*HEADS.values()) if c not in seen and scenes_of(c[0], c[3])[c[2]]]
    return {s: r.permutation([c for c in rest if c[0] == s]).tolist() for s in SUBJECTS}


def prompts(n, pictures):
    """(wanted factors, prompt) for up to n combinations that a model of the first pictures has never met: none twice, every subject equally often as far as they reach."""
    rounds = itertools.zip_longest(*(of[:n // len(SUBJECTS)] for of in unseen(pictures).values()))
    wanted = [dict(zip(HEADS, c)) for c in itertools.chain(*rounds) if c]
    say = lambda subject, colour, scene, medium: f"{MEDIUM_WORDS[medium][0]} of {article(colour)} {colour} {subject} {SCENE_WORDS[scene][0]}"
    return [(w, say(**w)) for w in wanted]


@torch.no_grad()
def score(a):
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer
    from models import ddim, decode, tokenise
    part = lambda c, n: c.from_pretrained(a.model, subfolder=n, torch_dtype=torch.float32).to(a.device).eval()
    unet, vae, text, tok = part(UNet2DConditionModel, "unet"), part(AutoencoderKL, "vae"), part(CLIPTextModel, "text_encoder"), CLIPTokenizer.from_pretrained(f"{a.model}/tokenizer")
    ims, want = [], prompts(a.prompts, a.pictures)
    for k in range(0, len(want), 20):
        b = want[k:k + 20]
        e = text(tokenise(tok, [p for _, p in b] + [""]).to(a.device)).last_hidden_state
        noise = torch.randn(len(b), 4, 16, 16, generator=torch.Generator().manual_seed(k)).to(a.device)
        with torch.autocast(a.device, torch.bfloat16, enabled=a.bf16):
            ims += list(decode(vae, ddim(unet, e[:-1], e[-1:], noise, a.steps, a.cfg)))
    wanted = [w for w, _ in want]
    hit, own = hits(ims, wanted), hits([drawn(50_000_000 + k, w) for k, w in enumerate(wanted)], wanted)
    res = shares(hit)
    of = {s: [k for k, (w, _) in enumerate(want) if w["subject"] == s] for s in SUBJECTS}
    by = {s: round(float(np.mean([hit["subject"][k] for k in at])), 2) for s, at in of.items() if at}
    json.dump(dict(prompts=len(want), unseen_in=a.pictures, steps=a.steps, guidance=a.cfg, sampler="DDIM", scores=res, of_the_worlds_own=shares(own), subjects=by), open(f"{a.run}/scores.json", "w"), indent=1)
    print("guidance", a.cfg, "prompts", len(want), res, by, "of the world's own pictures", shares(own), flush=True)
    sheet(ims[:80], f"{a.run}/judged_{a.cfg}.png", 10)


def export(a):
    """ONNX, opset 17, fp32 arithmetic; the big weights are stored as fp16 and cast on load."""
    import onnx
    from onnx import helper, numpy_helper
    os.makedirs(a.out, exist_ok=True)
    m, path = load(a.run), f"{a.out}/judge.onnx"
    class Flat(nn.Module):
        def forward(self, x):
            f = m.features(x)
            o = m.logits(f)
            return *(o[h] for h in HEADS), f
    flat = Flat()
    flat.m = m
    torch.onnx.export(flat.eval(), torch.zeros(2, 3, 128, 128), path, input_names=["pictures"], output_names=OUTPUTS, opset_version=17,
                      dynamic_axes={k: {0: "n"} for k in ["pictures", *OUTPUTS]}, dynamo=False)
    g = onnx.load(path)
    for t in [t for t in g.graph.initializer if t.data_type == 1 and np.prod(t.dims) > 256]:
        half = numpy_helper.from_array(numpy_helper.to_array(t).astype(np.float16), t.name + ".half")
        g.graph.initializer.remove(t)
        g.graph.initializer.append(half)
        g.graph.node.insert(0, helper.make_node("Cast", [half.name], [t.name], to=1))
    onnx.checker.check_model(g)
    onnx.save(g, path)
    json.dump(HEADS, open(f"{a.out}/labels.json", "w"), indent=1)
    x = torch.randn(3, 3, 128, 128).clamp(-1, 1)
    got = onnxruntime.InferenceSession(path).run(None, {"pictures": x.numpy()})
    with torch.no_grad():
        print("largest difference from torch", max(float(np.abs(q - v.numpy()).max()) for q, v in zip(got, m(x).values())), os.path.getsize(path), "bytes")


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    s = p.add_subparsers(dest="task", required=True)
    q = s.add_parser("train")
    q.add_argument("data")
    q.add_argument("run")
    q.add_argument("--minutes", type=float, default=12)
    q.add_argument("--lr", type=float, default=2e-3)
    q = s.add_parser("score")
    q.add_argument("model")
    q.add_argument("run")
    q.add_argument("--prompts", type=int, default=200, help="at most; the same number of each subject where there are as many")
    q.add_argument("--pictures", type=int, default=32000, help="how many of the world's first pictures the model has learnt from; no prompt names what they show")
    q.add_argument("--cfg", type=float, default=6.0)
    q.add_argument("--steps", type=int, default=25)
    q.add_argument("--bf16", action="store_true", help="faster, for a quick look")
    q = s.add_parser("export")
    q.add_argument("run")
    q.add_argument("out")
    for q in s.choices.values():
        q.add_argument("--device", default="cpu")
        q.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    {"train": train, "score": score, "export": export}[a.task](a)
