"""Reports robots from the twenty subjects, though the judge has never met one: a linear discriminant of its subject logits.

    python robots.py ../models/sketch-judge          writes robots.json, and how well it knows pictures that the world draws

The judge is unsure of a robot in a way of its own (a little of a rabbit, a house, a tree ...), which is enough to know one by.
"""
import json
import os
import sys
import numpy as np
from judge import EXPORTED, session, to_x
from world import SUBJECTS, render, sample

WORD = "robot"
LABELS = [*SUBJECTS, WORD]
WRITTEN = os.path.join(os.path.dirname(EXPORTED), "robots.json")


def subject_logits(pictures):
    return session().run(["subject"], {"pictures": to_x(np.asarray(pictures)).numpy()})[0]


def drawn(first, count, subject=None):
    """(subject logits, index of the subject) of pictures that the world draws."""
    specs = [sample(first + i) for i in range(count)]
    specs = [s | dict(subject=subject, inner="", hide=False) if subject else s for s in specs]
    pictures = [np.asarray(render(s)) for s in specs]
    return np.concatenate([subject_logits(pictures[i:i + 100]) for i in range(0, count, 100)]), np.array([LABELS.index(s["subject"]) for s in specs])


def both(first, count):
    """Pictures of the world, and a fifth as many of robots."""
    return map(np.concatenate, zip(drawn(first, count), drawn(first + count, count // 5, WORD)))


def discriminant(x, y):
    """Fisher's linear discriminant: (weights [labels, logits], biases [labels])"""
    centres = np.stack([x[y == k].mean(0) for k in range(len(LABELS))])
    weights = centres @ np.linalg.inv(np.cov((x - centres[y]).T) + 0.1 * np.eye(x.shape[1]))
    return weights, -0.5 * (weights * centres).sum(1)


def named(logits):
    """The label of every picture."""
    with open(WRITTEN) as f:
        known = json.load(f)
    return [known["labels"][k] for k in (logits @ np.array(known["weights"]).T + known["biases"]).argmax(1)]


if __name__ == "__main__":
    weights, biases = discriminant(*both(60_000_000, 2000))
    with open(f"{sys.argv[1]}/robots.json", "w") as f:
        json.dump(dict(labels=LABELS, weights=weights.round(3).tolist(), biases=biases.round(3).tolist()), f)
        f.write("\n")
    x, y = both(61_000_000, 1000)
    found = (x @ weights.T + biases).argmax(1)
    robot = y == LABELS.index(WORD)
    print("robots named", (found == y)[robot].mean().round(3), "others taken for robots", (found[~robot] == LABELS.index(WORD)).mean().round(3), "others named", (found == y)[~robot].mean().round(3))
