"""The recipe with stages that only leave their files: what a second run repeats, and what it refuses.  Needs no package.

    python test_recipe.py
"""
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from files import over, refuse, stale, whole  # noqa: E402
from recipe import main, options  # noqa: E402


class Stages:
    """Each stage writes the files that the real one writes; a stage whose minutes are spent writes none."""

    def __init__(self):
        self.clock, self.calls, self.spent = 1_000_000, [], {}

    def write(self, *paths):
        for path in paths:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w").close()
            self.clock += 1
            os.utime(path, (self.clock, self.clock))

    def train(self, path, words):
        minutes = float(words[words.index("--minutes") + 1])
        if self.spent.get(path, 0) < minutes:
            self.spent[path] = minutes
            self.write(path)

    def __call__(self, script, *words):
        self.calls.append(" ".join(map(str, (script, *words))))
        if script == "world.py":
            self.write(f"{words[1]}/specs.json")
        elif script == "tokenizer.py":
            self.write(f"{words[0]}/vocab.json")
        elif script == "vae.py" and "--adopt" in words:
            self.write(f"{words[1]}/vae.pt")
        elif script == "vae.py" and "--encode" in words:
            self.write(f"{words[0]}/latents.npy")
        elif script == "vae.py" and "--pack" not in words:
            self.train(f"{words[1]}/{'decoder' if '--decoder-only' in words else 'vae'}.pt", words)
        elif script == "text.py":
            self.write(f"{words[1]}/text/model.safetensors")
        elif script == "train.py":
            self.train(f"{words[1]}/ldm.pt", words)
        elif script == "export.py":
            self.write(f"{words[1]}/unet/diffusion_pytorch_model.safetensors", f"{words[1]}/model_index.json")
        elif script == "judge.py":
            self.write(f"{words[2]}/scores.json")
        elif script in ("controlnet.py", "lora.py", "inversion.py"):
            self.write(words[words.index("--minutes") - 1].removesuffix(".safetensors") + ".pt")

    def made(self):
        """The stages of the latest run that are not just asked whether they are finished."""
        once = ("world.py", "tokenizer.py", "text.py", "export.py", "judge.py", "--adopt", "--encode", "--init-from", "--from")
        said = [word for call in self.calls for word in once if word in call.split()]
        self.calls = []
        return said


class Recipe(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.stages = Stages()
        self.start = f"{self.folder.name}/shipped"
        self.stages.write(f"{self.start}/tokenizer/vocab.json", f"{self.start}-edges/config.json", f"{self.start}-robot.safetensors")

    def tearDown(self):
        self.folder.cleanup()

    def run_recipe(self, *words):
        main(options([f"{self.folder.name}/run", f"{self.folder.name}/out", "--pictures", "1200", *words]), self.stages)
        return self.stages.made()

    def test_a_second_run_makes_nothing_again(self):
        self.assertEqual(self.run_recipe(), ["world.py", "tokenizer.py", "--encode", "text.py", "export.py", "judge.py"])
        self.assertEqual(self.run_recipe(), [])

    def test_more_minutes_renew_what_rests_on_them(self):
        self.run_recipe()
        self.assertEqual(self.run_recipe("--ldm", "20"), ["export.py", "judge.py"])
        self.assertEqual(self.run_recipe("--ldm", "20", "--vae", "20"), ["--encode", "export.py", "judge.py"])

    def test_weights_to_go_on_from_are_named_once(self):
        begun = self.run_recipe("--from", self.start)
        self.assertEqual(begun, ["world.py", "--adopt", "--encode", "--init-from", "export.py", "judge.py", "--from", "--from"])
        self.assertEqual(self.run_recipe("--from", self.start), [])

    def test_going_on_is_gentler_than_beginning(self):
        self.assertEqual((options(["r", "o"]).lr, options(["r", "o"]).reader), (2e-3, 0.05))
        on = options(["r", "o", "--from", "m"])
        self.assertEqual((on.lr, on.reader), (1e-3, 0.0))
        self.assertEqual(options(["r", "o", "--from", "m", "--lr", "5e-4", "--reader", "0.01"]).lr, 5e-4)

    def test_a_folder_serves_one_run(self):
        self.run_recipe()
        with self.assertRaisesRegex(SystemExit, "was begun with --from None, not .*shipped.*name a fresh folder"):
            self.run_recipe("--from", self.start)


class Files(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = f"{self.folder.name}/a"

    def tearDown(self):
        self.folder.cleanup()

    def test_a_name_stands_for_a_whole_file(self):
        with self.assertRaises(KeyboardInterrupt), whole(self.path) as part:
            open(part, "w").close()
            raise KeyboardInterrupt
        self.assertFalse(os.path.exists(self.path))

    def test_what_is_older_than_its_source_is_stale(self):
        source = f"{self.folder.name}/source"
        self.assertTrue(stale(self.path))
        for path, time in ((self.path, 100), (source, 99)):
            open(path, "w").close()
            os.utime(path, (time, time))
        self.assertFalse(stale(self.path, source))
        os.utime(source, (101, 101))
        self.assertTrue(stale(self.path, source))

    def test_beginning_beside_a_checkpoint_is_refused(self):
        refuse("--from", self.path)
        open(self.path, "w").close()
        with self.assertRaisesRegex(SystemExit, "Leave out --from"):
            refuse("--from", self.path)

    def test_a_training_is_over_when_all_is_spent(self):
        self.assertFalse(over(self.path, 59, 60))
        self.assertTrue(over(self.path, 60, 60))


if __name__ == "__main__":
    unittest.main()
