"""The words the model knows, for completion in prompts."""
import re
from world import COLOURS, HIDE_WORDS, MEDIUM_WORDS, SCENE_WORDS, SIZES, SUBJECTS

TEMPLATES = ["photo of a turtle", "photo of a red car in the desert", "painting of a white rabbit in the snow", "drawing of a big blue fish",
             "impressionist painting of a small deer hiding inside vegetation", "photo of a purple elephant at sunset", "painting of a house at night",
             "a picture frame with a picture of a cat on a bookshelf", "an orange cat on a beach on the left, photo", "drawing of an animal"]


def vocabulary():
    known = lambda table: {k: list(dict.fromkeys(w for w in v if w)) for k, v in table.items() if k}
    scenes, media = known(SCENE_WORDS) | {"hiding": HIDE_WORDS}, known(MEDIUM_WORDS)
    phrases = [*SUBJECTS, *COLOURS, "gray", "animal", "thing", "picture of", "on the left", "at the right", "with", "a", "an",
               *sum(scenes.values(), []), *sum(media.values(), []), *sum(known(SIZES).values(), [])]
    lists = {"subjects": SUBJECTS, "colours": list(COLOURS), "scenes": sum(scenes.values(), []), "media": sum(media.values(), []),
            "sizes": sum(known(SIZES).values(), []), "places": ["on the left", "on the right", "at the left", "at the right"]}
    taken = set(sum(lists.values(), []))
    return lists | {"words": sorted(set(re.findall(r"[a-z]+", " ".join(phrases))) - taken), "templates": TEMPLATES}
