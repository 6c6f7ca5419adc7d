"""The world the default model knows: seeded pictures and their captions.

    spec = sample(seed)            -> dict of factors (subject, colour, scene, medium, ...)
    render(spec)                   -> PIL image 128x128
    caption(spec, rng)             -> one random true caption (attributes dropped at random)
    python world.py cache OUT N    -> images.npy (uint8), specs.json, on all processors
    python world.py robots OUT N   -> OUT/robots and OUT/others, for robot.sdspec: N pictures with captions beside them
    python world.py pips OUT N     -> OUT/pips, for pip.sdspec
    python world.py sheet OUT.png  -> contact sheet
"""
import json
import os
import sys
import numpy as np
from multiprocessing import Pool
from PIL import Image
from animals import ANIMALS, draw_animal
from draw import PAPER, SIZE, Canvas, ell, light, mix
from files import whole
from things import OBJECTS, draw_object, draw_scene, leafy

COLOURS = {"red": (220, 55, 48), "orange": (245, 140, 40), "yellow": (250, 208, 55), "green": (85, 175, 70), "blue": (62, 120, 215),
           "purple": (140, 80, 190), "pink": (248, 140, 178), "brown": (145, 92, 55), "white": (246, 244, 240), "grey": (140, 146, 156)}
NATURAL = {"turtle": "green", "frog": "green", "giraffe": "yellow", "fish": "orange", "bird": "blue", "cat": "orange", "dog": "brown", "rabbit": "white", "snail": "pink",
           "deer": "brown", "elephant": "grey", "duck": "yellow", "house": "red", "tree": "green", "flower": "pink", "boat": "blue", "car": "red", "mushroom": "red", "star": "yellow", "picture frame": "brown"}
SUBJECTS = ANIMALS + OBJECTS
SCENES = ["meadow", "beach", "sea", "night", "snow", "desert", "forest", "wall", "bookshelf", "sunset", "plain"]
MEDIA = ["photo", "drawing", "painting"]
SCENE_WORDS = {"meadow": ["in a meadow", "on the grass", "in a green field"], "beach": ["on a beach", "at the beach", "on the sand by the sea"], "sea": ["in the sea", "under water", "in the ocean"],
               "night": ["at night", "under the stars", "in the moonlight"], "snow": ["in the snow", "in winter"], "desert": ["in the desert", "in a desert"],
               "forest": ["in a forest", "in the forest", "among trees"], "wall": ["in a room", "indoors", "in front of a wall"], "bookshelf": ["on a bookshelf", "on a shelf with books"],
               "sunset": ["at sunset", "in front of a sunset"], "plain": ["on white paper", "on a plain background"]}
HIDE_WORDS = ["hiding in the forest", "hiding inside vegetation", "hiding behind leaves", "in the vegetation"]
MEDIUM_WORDS = {"photo": ["photo", "photo", "photo", "photograph"], "drawing": ["drawing", "drawing", "sketch", "cartoon"], "painting": ["painting", "impressionist painting", "oil painting", "painting"]}
SIZES = {"small": ["small", "small", "little", "tiny"], "big": ["big", "big", "large", "huge"], "": [""]}


def scenes_of(subject, medium):
    """{scene: how often the world shows the subject there}; 0 is never."""
    w = dict(meadow=1.3, beach=1, sea=1, night=.9, snow=.9, desert=.9, forest=1.3, wall=1, bookshelf=.4, sunset=.9, plain=.5 if medium != "drawing" else 5)
    if subject == "fish": w["sea"] = 4
    if subject == "boat": w.update(sea=0, beach=3, sunset=2)
    if subject == "picture frame": w = dict.fromkeys(w, 0) | dict(wall=4, bookshelf=3, plain=.7)
    return w


def sample(seed):
    r = np.random.default_rng(seed)
    ch = lambda a, p=None: a[int(r.choice(len(a), p=p))]
    sub = ch(ANIMALS) if r.random() < .72 else ch(OBJECTS)
    med = ch(MEDIA, [.42, .28, .30])
    w = scenes_of(sub, med)
    p = np.array([w[s] for s in SCENES])
    scene = ch(SCENES, p / p.sum())
    col = NATURAL[sub] if r.random() < .45 else ch(list(COLOURS))
    size = ch(["", "small", "big"], [.56, .24, .20])
    pos = ch(["", "left", "right"], [.7, .15, .15]) if size != "big" else ""
    hide = scene == "forest" and sub in ANIMALS and r.random() < .6
    inner = ch(ANIMALS) if sub == "picture frame" and r.random() < .6 else ""
    return dict(seed=int(seed), subject=sub, colour=col, scene=scene, medium=med, size=size, pos=pos, hide=bool(hide), inner=inner, flip=bool(r.random() < .5))


def render(s):
    r = np.random.default_rng([s["seed"], 7])
    c = Canvas(s["medium"], r)
    if s["scene"] == "plain":
        base = PAPER if s["medium"] == "drawing" else mix((232, 232, 236), (245, 235, 215), r.random())
        c.img.paste(base, (0, 0, *c.img.size))
        gy = 104 + r.normal(0, 3)
    else:
        gy = draw_scene(c, s["scene"], r)
    if s["medium"] == "painting":
        c.flush(); c.strokes(400, 17, 5.2, None, 11)
    k = {"": 84, "small": 52, "big": 108}[s["size"]] * (1 + r.normal(0, .05))
    cx = 64 + {"": r.normal(0, 4), "left": -28, "right": 28}[s["pos"]] + (r.normal(0, 3) if s["pos"] else 0)
    if s["subject"] == "picture frame":
        gy = gy - 1 if s["scene"] == "bookshelf" else 64 + k * .5 + r.normal(0, 4) - (8 if s["scene"] == "wall" else 0)
        k *= .92
        k = min(k, 74) if s["scene"] == "bookshelf" else k
        gy += k * .09 if s["scene"] == "bookshelf" else 0
    elif s["subject"] == "star" and s["scene"] not in ("plain", "bookshelf", "wall"):
        gy -= 22
    gy = float(np.clip(gy, 40, 124))
    f = -1 if s["flip"] else 1
    place = lambda p, cx=cx, gy=gy, k=k: np.stack([cx + f * k * p[:, 0], gy + k * p[:, 1]], 1)
    if s["subject"] not in ("star", "picture frame"):
        c.shadow(cx, gy, k * .42, k * .07)
    c.front, c.map = True, place
    col = tuple(int(v) for v in np.clip(np.array(COLOURS[s["colour"]]) + r.normal(0, 8, 3), 0, 255))
    if s["subject"] in ANIMALS:
        draw_animal(c, s["subject"], col, r)
    else:
        def inner(w, h):
            bg = [(190, 225, 245), (215, 238, 190), (250, 226, 180)][r.integers(3)]
            c.group([np.array([(-w, -.5 - h), (w, -.5 - h), (w, -.5 + h), (-w, -.5 + h)])], bg, shade=.2, line=1)
            c.map = lambda p: place(np.stack([p[:, 0] * .5, -.5 + h * .78 + p[:, 1] * .58], 1))
            draw_animal(c, s["inner"], COLOURS[NATURAL[s["inner"]]], r)
        draw_object(c, s["subject"], col, r, inner if s["inner"] else None)
    if s["medium"] == "painting":
        c.strokes(120, 8, 3.2, c.subject, 14)
    c.flush()
    if s["hide"]:
        c.map, c.last = (lambda p: p), None
        leafy(c, 16, gy - k * .28, gy + 6, r, [(60, 130, 58), (96, 164, 74), (44, 108, 56)], 11)
        if s["medium"] == "painting":
            c.strokes(60, 9, 3.6, None, 10)
    return c.finish()


def article(noun):
    return "an" if noun[0] in "aeiou" else "a"


def caption(s, r):
    one = lambda a: a[int(r.integers(len(a)))]
    sub = s["subject"]
    if r.random() < .05:
        sub = "animal" if sub in ANIMALS else "thing"
    if s["inner"] and r.random() < .7:
        sub = one([f"picture frame with a {s['inner']}", f"picture frame with a picture of a {s['inner']}"])
    adj = [one(SIZES[s["size"]])] if s["size"] and r.random() < .7 else []
    if r.random() < .75:
        adj.append(s["colour"] if s["colour"] != "grey" or r.random() < .8 else "gray")
    noun = " ".join(adj + [sub])
    tail = ""
    if s["scene"] and r.random() < .78:
        tail += " " + (one(HIDE_WORDS) if s["hide"] and r.random() < .75 else one(SCENE_WORDS[s["scene"]]))
    if s["pos"] and r.random() < .5:
        tail += one([" on the ", " at the "]) + s["pos"]
    med = one(MEDIUM_WORDS[s["medium"]])
    art, ma = article(noun), article(med)
    u = r.random()
    if u < .40: return f"{med} of {art} {noun}{tail}"
    if u < .62: return f"{ma} {med} of {art} {noun}{tail}"
    if u < .72: return f"{art} {noun}{tail}, {med}"
    if u < .78: return f"{noun}, {med}"
    if u < .90: return f"{art} {noun}{tail}"
    return f"{noun}{tail}" if u < .95 else noun


def _one(seed):
    return np.asarray(render(sample(seed)))


def cache(out, n, start=0, procs=os.cpu_count()):
    os.makedirs(out, exist_ok=True)
    a = np.lib.format.open_memmap(f"{out}/images.npy", "w+", np.uint8, (n, SIZE, SIZE, 3))
    with Pool(procs) as pool:
        for i, im in enumerate(pool.imap(_one, range(start, start + n), 64)):
            a[i] = im
            if i % 4000 == 0: print(i, flush=True)
    a.flush()
    with whole(f"{out}/specs.json") as part, open(part, "w") as f:
        json.dump([sample(i) for i in range(start, start + n)], f)


def robots(out, n, start=3_000_000):
    """Robots in three pictures of four, which are no subject of the world; four captions each."""
    for k in range(n):
        s = sample(start + k)
        if k % 4:
            s |= dict(subject="robot", inner="", hide=s["scene"] == "forest" and s["hide"])
        r = np.random.default_rng([s["seed"], 8])
        lesson(out, "robots" if k % 4 else "others", k, s, [caption(s, r) for _ in range(4)])


def pips(out, n, start=20_000_000):
    """Pink elephants, called <pip>; four captions each, of which none says "pink" or "elephant"."""
    for k in range(n):
        s = sample(start + k) | dict(subject="elephant", colour="pink", inner="", hide=False)
        r = np.random.default_rng([s["seed"], 8])
        one = lambda words: words[int(r.integers(len(words)))]
        said = [f"{one(MEDIUM_WORDS[s['medium']])} of <pip>" + (f" {one(SCENE_WORDS[s['scene']])}" if r.random() < .8 else "") for _ in range(4)]
        lesson(out, "pips", k, s, said)


def lesson(out, name, k, s, captions):
    """Writes a picture and, beside it, its captions, one a line, as specs that learn read them."""
    os.makedirs(f"{out}/{name}", exist_ok=True)
    render(s).save(f"{out}/{name}/{k:04}.png")
    with open(f"{out}/{name}/{k:04}.txt", "w") as f:
        f.writelines(f"{c}\n" for c in captions)


def sheet(images, path, cols=8, zoom=1):
    w = SIZE * zoom
    im = Image.new("RGB", (cols * (w + 2), -(-len(images) // cols) * (w + 2)), "white")
    for i, x in enumerate(images):
        im.paste((x if isinstance(x, Image.Image) else Image.fromarray(x)).resize((w, w)), (i % cols * (w + 2), i // cols * (w + 2)))
    im.save(path)


if __name__ == "__main__":
    if sys.argv[1] == "cache":
        cache(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "robots":
        robots(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "pips":
        pips(sys.argv[2], int(sys.argv[3]))
    else:
        sheet([render(sample(i + 1000)) for i in range(64)], sys.argv[2], zoom=1)
