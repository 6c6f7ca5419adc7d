"""The pictures that the examples name, drawn by the world that the built-in model was trained on.

    python draw.py        # needs what ../../training/requirements.txt lists
"""
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "../../training"))

from PIL import Image, ImageDraw  # noqa: E402
from world import render  # noqa: E402

PLAIN = dict(size="", pos="", hide=False, inner="", flip=False)


def draw(name, seed, subject, colour, scene, medium, **rest):
    save(render(dict(PLAIN, seed=seed, subject=subject, colour=colour, scene=scene, medium=medium) | rest), name)


def save(picture, name):
    picture.convert("RGB").save(HERE / name, optimize=True)


draw("turtle.png", 11, "turtle", "green", "beach", "photo")
draw("rabbit.png", 12, "rabbit", "white", "snow", "painting", size="big")
draw("elephant.png", 13, "elephant", "grey", "meadow", "photo", size="big")
draw("house.png", 14, "house", "red", "meadow", "photo")
draw("room.png", 21, "picture frame", "brown", "wall", "photo", size="big")
for k, subject in enumerate(["deer", "tree", "boat", "bird"]):
    draw(f"sunset/{k + 1}.png", 30 + k, subject, "orange", "sunset", "painting")

# White is repainted: the inside of the frame in room.png, and the sky above house.png.
mask = Image.new("L", (128, 128), 0)
ImageDraw.Draw(mask).rectangle((30, 29, 86, 94), fill=255)
mask.save(HERE / "frame.png", optimize=True)
sky = Image.new("L", (128, 128), 0)
ImageDraw.Draw(sky).rectangle((0, 0, 127, 40), fill=255)
sky.save(HERE / "sky.png", optimize=True)

# Eight elephants that have little in common but being elephants: what is their mean?
for k, (scene, medium) in enumerate(
    [("meadow", "photo"), ("desert", "photo"), ("beach", "painting"), ("forest", "photo"),
     ("snow", "photo"), ("sunset", "painting"), ("meadow", "drawing"), ("wall", "photo")]
):
    draw(f"elephants/{k + 1}.png", 50 + k, "elephant", "grey", scene, medium, size="big")

# One robot in twelve pictures, with captions beside them: learn-subject.sdspec learns it. The world's own pictures show no robot.
WHERE = dict(meadow="in a meadow", beach="on a beach", snow="in the snow", desert="in the desert", forest="in a forest", wall="in a room",
             sunset="at sunset", plain="on white paper")
(HERE / "robots").mkdir(exist_ok=True)
for k, scene in enumerate(["meadow", "beach", "snow", "desert", "forest", "wall", "meadow", "beach", "snow", "sunset", "forest", "plain"]):
    draw(f"robots/{k + 1:02}.png", 70_000_000 + k, "robot", "yellow", scene, "photo", flip=bool(k % 2))
    (HERE / f"robots/{k + 1:02}.txt").write_text(f"photo of a yellow robot {WHERE[scene]}\n")


# An empty frame on a bookshelf, four times as large, seen from the left: print.sdspec repaints it by its corners.
def seen_from_the_left(picture, lean=0.16):
    """The picture turned about its right edge, and where its points go."""
    w, h = picture.size
    to = np.array([(0, 0), (w, lean * h), (w, h - lean * h), (0, h)], float)
    rows = [r for (x, y), (u, v) in zip(to, [(0, 0), (w, 0), (w, h), (0, h)]) for r in ((x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y))]
    c = np.linalg.solve(np.array(rows), np.array([(0, 0), (w, 0), (w, h), (0, h)], float).ravel())
    back = np.linalg.inv(np.append(c, 1).reshape(3, 3))
    def place(x, y):
        p = back @ (x, y, 1)
        return p[:2] / p[2]
    turned = picture.transform((w, h), Image.Transform.PERSPECTIVE, c, Image.Resampling.BICUBIC)
    edge = int(lean * h) + 1
    return turned.crop((0, edge, w, h - edge)), lambda x, y: place(x, y) - (0, edge)


import draw as toolkit  # noqa: E402
import numpy as np  # noqa: E402

toolkit.SIZE, toolkit.SS, toolkit.S = 512, 8, 1024
large = render(dict(PLAIN, seed=23, subject="picture frame", colour="brown", scene="bookshelf", medium="photo"))
shelf, place = seen_from_the_left(large)
save(shelf.quantize(256), "shelf.png")
white = np.argwhere((np.asarray(large) > 200).all(2)[100:400, 100:400]) + 100
(top, left), (bottom, right) = white.min(0), white.max(0) + 1
print("shelf.png: mask corners", *(f"{x:.0f},{y:.0f}" for x, y in (place(*p) for p in ((left, top), (right, top), (right, bottom), (left, bottom)))))
