"""Draws the world's first pictures and compares them with recorded digests: same seed, same picture, same caption.

    python test_world.py             exit 0 when equal, or when a needed package is missing (the reason is printed)
    python test_world.py --update    records new digests
"""
import hashlib
import importlib.util
import json
import os
import sys

missing = [n for n, package in (("numpy", "numpy"), ("PIL", "pillow")) if importlib.util.find_spec(n) is None]
if missing:
    print(f"skipped: Python {sys.version.split()[0]} has no {' and no '.join(missing)} (pip install -r training/requirements.txt)")
    sys.exit(0)

import numpy as np
import PIL

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from world import caption, render, sample  # noqa: E402

PATH, COUNT = os.path.join(HERE, "world.digests.json"), 12


def digest(seed):
    spec = sample(seed)
    picture = np.asarray(render(spec))
    assert picture.shape == (128, 128, 3) and picture.dtype == np.uint8
    return dict(sha256=hashlib.sha256(picture.tobytes()).hexdigest()[:16], caption=caption(spec, np.random.default_rng(seed)))


def main():
    now = [digest(s) for s in range(COUNT)]
    made = dict(numpy=np.__version__, pillow=PIL.__version__)
    if "--update" in sys.argv:
        with open(PATH, "w") as f:
            json.dump(dict(made_with=made, pictures=now), f, indent=1)
            f.write("\n")
    then = json.load(open(PATH))
    wrong = [i for i, (a, b) in enumerate(zip(now, then["pictures"])) if a != b]
    captions = [i for i in wrong if now[i]["caption"] != then["pictures"][i]["caption"]]
    if wrong and not captions and PIL.__version__.split(".")[0] != then["made_with"]["pillow"].split(".")[0]:
        print(f"skipped: pillow {PIL.__version__} antialiases differently from {then['made_with']['pillow']}, which the digests were made with")
        return 0
    print(f"{COUNT - len(wrong)} of {COUNT} pictures as recorded" + "".join(f"\n  seed {i}: {then['pictures'][i]} is now {now[i]}" for i in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
