"""A learned word (textual inversion, https://arxiv.org/abs/2208.01618): <pip>, a pink elephant.

    python inversion.py train ../models/sketch RUN/pip.safetensors --minutes 5     resumes from RUN/pip.pt
    python inversion.py score ../models/sketch RUN/pip.safetensors

Model and text encoder stay as they are; the token embeddings of one word are learnt from
pictures whose captions have neither "pink" nor "elephant" in them.
"""
import argparse
import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import load_file, save_file
from judge import HEADS, judge
from lesson import Lesson, encode, open_model, practise
from models import ddim, decode, tokenise
from world import MEDIUM_WORDS, SCENE_WORDS, render, sample, sheet

WORD, SUBJECT, COLOUR = "<pip>", "elephant", "pink"
SHOWN = [("photo", "meadow"), ("photo", "beach"), ("drawing", "plain"), ("painting", "snow"), ("photo", "desert"), ("painting", "sunset"), ("photo", "night"), ("drawing", "wall")]


def pictures(n):
    """(pictures, [(medium, scene)])"""
    specs = [sample(20_000_000 + i) | dict(subject=SUBJECT, colour=COLOUR, inner="", hide=False) for i in range(n)]
    return np.stack([np.asarray(render(s)) for s in specs]), [(s["medium"], s["scene"]) for s in specs]


class Learner:
    """Captions in which a placeholder token stands for each of the word's vectors."""

    def __init__(self, text, tok, count, device):
        self.text, self.tok, self.count, self.device = text, tok, count, device
        self.table, self.holder = text.get_input_embeddings(), tok("animal", add_special_tokens=False).input_ids
        assert len(self.holder) == 1
        # It begins as the mean of words of its kind.
        start = self.table.weight[self.holder].detach().repeat(count, 1)
        self.vectors = torch.nn.Parameter(start + 0.01 * torch.randn_like(start))

    def states(self, prompts, length=24):
        """Prompts with WORD in them -> states [n, length, width]"""
        ids = tokenise(self.tok, [p.replace(WORD, " ".join(["animal"] * self.count)) for p in prompts])[:, :length].to(self.device)
        e = self.table(ids).clone()
        at = ids == self.holder[0]
        e[at] = self.vectors.repeat(int(at.sum()) // self.count, 1).to(e.dtype)
        hook = self.table.register_forward_hook(lambda *_: e)
        try:
            return self.text(ids).last_hidden_state
        finally:
            hook.remove()


def prompt(medium, scene, r):
    one = lambda words: words[int(r.integers(len(words)))]
    place = f" {one(SCENE_WORDS[scene])}" if r.random() < .8 else ""
    return f"{one(MEDIUM_WORDS[medium])} of {WORD}{place}"


def train(a):
    unet, text, vae, tok = open_model(a.model, a.device)
    images, about = pictures(a.pictures)
    lat, r, lesson, learner = encode(vae, images, a.device), np.random.default_rng(4), Lesson(a.device), Learner(text, tok, a.vectors, a.device)

    def step():
        k = torch.randint(0, len(lat), (a.batch,))
        words = [prompt(*about[i], r) for i in k.tolist()]
        return lesson(lambda noisy, t: unet(noisy, t, learner.states(words)).sample, lat[k], lesson.times(a.batch))

    steps = practise(step, [torch.optim.AdamW([learner.vectors], lr=a.lr, weight_decay=0.0)], [learner.vectors], a)
    save_file({WORD: learner.vectors.detach().float().contiguous()}, a.out, {"format": "pt"})
    print(steps, "steps, norm", learner.vectors.norm(dim=1).tolist(), "others", learner.table.weight.norm(dim=1).mean().item())


@torch.no_grad()
def score(a):
    """The share of pictures that the judge takes for a pink elephant: by the learnt word, and by its plain words."""
    unet, text, vae, tok = open_model(a.model, a.device)
    unet.set_attn_processor(AttnProcessor())
    learner = Learner(text, tok, a.vectors, a.device)
    learner.vectors.data = next(iter(load_file(a.out).values())).to(a.device)
    r, rows = np.random.default_rng(9), []
    noise = torch.randn(24, 4, 16, 16, generator=torch.Generator().manual_seed(2)).to(a.device)
    wanted = [prompt(*SHOWN[i % 8], r) for i in range(24)]
    plain = lambda prompts: text(tokenise(tok, prompts).to(a.device)).last_hidden_state
    states = {"learnt": learner.states(wanted, 77)} | {said: plain([p.replace(WORD, said) for p in wanted]) for said in ("an animal", f"a {COLOUR} {SUBJECT}")}
    for name, ctx in states.items():
        made = decode(vae, ddim(unet, ctx, plain([""]), noise))
        p = judge(made)
        print(name, {h: round(float(np.mean(p[h].argmax(1) == HEADS[h].index(v))), 3) for h, v in (("subject", SUBJECT), ("colour", COLOUR))}, flush=True)
        rows += list(made[:16])
    sheet(rows, a.sheet, 8)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("task", choices=["train", "score"])
    p.add_argument("model")
    p.add_argument("out")
    p.add_argument("--minutes", type=float, default=5)
    p.add_argument("--pictures", type=int, default=128)
    p.add_argument("--vectors", type=int, default=2)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--lr", type=float, default=5e-3)
    p.add_argument("--sheet", default="pip.png")
    p.add_argument("--device", default="cpu")
    p.add_argument("--threads", type=int, default=1)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    {"train": train, "score": score}[a.task](a)
