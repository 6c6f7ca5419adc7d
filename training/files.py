"""What killed and repeated runs leave behind: a final name stands for a whole file, and what is older than its sources is stale."""
import os
import sys
from contextlib import contextmanager


@contextmanager
def whole(path):
    """A place to write to, which takes the final name when all is written."""
    yield f"{path}.part"
    os.replace(f"{path}.part", path)


def stale(path, *sources):
    """Whether a file is missing, or older than one of those that it was made from."""
    return not os.path.exists(path) or any(os.path.exists(s) and os.path.getmtime(s) > os.path.getmtime(path) for s in sources)


def refuse(option, path, *sources):
    """Ends the program where an option that begins a training meets the checkpoint of one."""
    if not stale(path, *sources):
        sys.exit(f"{path} holds a training already. Leave out {option} to continue, or name a fresh folder to begin another.")


def checkpoint(out, model):
    """(a companion's checkpoint, the weights it was trained beside)"""
    return f"{out.removesuffix('.safetensors')}.pt", f"{model}/unet/diffusion_pytorch_model.safetensors"


def over(path, spent, wanted):
    """Whether a checkpoint has had all that is asked for, which is then said."""
    if spent < wanted:
        return False
    print(f"{path} has had its {wanted:.0f} seconds or steps: ask for more to continue", flush=True)
    return True
