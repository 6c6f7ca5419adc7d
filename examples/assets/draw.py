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
