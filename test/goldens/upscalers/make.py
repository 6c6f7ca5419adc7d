"""Writes small upscalers of every key form with random weights, and what spandrel's PyTorch networks make of a picture.

    python make.py SPANDREL      (the folder that holds spandrel's package, for its ESRGAN and Compact modules)
"""
import importlib.util
import os
import re
import sys
import types
import torch
from safetensors.torch import save_file

ROOT = f"{sys.argv[1]}/spandrel"
HERE = os.path.dirname(os.path.abspath(__file__))


def package(name, **members):
    module = types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(members)
    sys.modules[name] = module


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, f"{ROOT}/{path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


# The two modules alone, without the libraries of spandrel's other architectures.
package("spandrel")
package("spandrel.util", store_hyperparameters=lambda *_, **__: (lambda c: c))
for name in ("spandrel.architectures", "spandrel.architectures.__arch_helpers", "spandrel.architectures.ESRGAN", "spandrel.architectures.ESRGAN.__arch"):
    package(name)
load("spandrel.architectures.__arch_helpers.padding", "architectures/__arch_helpers/padding.py")
blocks = load("spandrel.architectures.__arch_helpers.block", "architectures/__arch_helpers/block.py")
wide = blocks.RRDB
blocks.RRDB = lambda nf, **k: wide(nf, **k | dict(gc=2))     # small files: 32 is fixed in the network
RRDB = load("spandrel.architectures.ESRGAN.__arch.RRDB", "architectures/ESRGAN/__arch/RRDB.py").RRDBNet
Compact = load("spandrel.architectures.Compact", "architectures/Compact/__arch/SRVGG.py").SRVGGNetCompact


def new_names(state, body, block, trunk, up, hr):
    """The old form's names as BasicSR or BSRGAN write them."""
    last = max(int(m[1]) for k in state if (m := re.match(r"model\.(\d+)\.weight", k)))
    blocks = max(int(m[1]) for k in state if (m := re.match(r"model\.1\.sub\.(\d+)\.weight", k)))
    fixed = {"model.0": "conv_first", f"model.1.sub.{blocks}": trunk, f"model.{last - 2}": hr, f"model.{last}": "conv_last"}
    out = {}
    for key, value in state.items():
        module, kind = key.rsplit(".", 1)
        m = re.match(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0", module)
        if module in fixed:
            module = fixed[module]
        elif m:
            module = f"{body}.{m[1]}.{block}{m[2]}.conv{m[3]}"
        else:
            module = f"{up}{int(module.split('.')[1]) // 3}"
        out[f"{module}.{kind}"] = value
    return out


REAL = dict(body="body", block="rdb", trunk="conv_body", up="conv_up", hr="conv_hr")
BSRGAN = dict(body="RRDB_trunk", block="RDB", trunk="trunk_conv", up="upconv", hr="HRconv")
rrdb = lambda **k: RRDB(num_filters=4, num_blocks=2, **k)
same = lambda s: s
FORMS = {
    "esrgan-x4": (rrdb(), same),
    "esrgan-x2": (rrdb(scale=2), same),
    "esrgan-x1": (rrdb(scale=1), same),
    "esrgan-x8": (rrdb(scale=8), same),
    "esrgan-plus": (rrdb(plus=True), same),
    "bsrgan": (rrdb(), lambda s: new_names(s, **BSRGAN)),
    "real-x4": (rrdb(), lambda s: {f"params_ema.{k}": v for k, v in new_names(s, **REAL).items()} | {f"params.{k}": v * 0 for k, v in new_names(s, **REAL).items()}),
    "real-x2": (rrdb(in_nc=12, shuffle_factor=2), lambda s: new_names(s, **REAL)),
    "real-x1": (rrdb(in_nc=48, shuffle_factor=4), lambda s: {f"module.{k}": v for k, v in new_names(s, **REAL).items()}),
    "compact-x4": (Compact(num_feat=6, num_conv=3), lambda s: {f"params.{k}": v for k, v in s.items()}),
    "compact-x2": (Compact(num_feat=6, num_conv=2, upscale=2), same),
    "compact-relu": (Compact(num_feat=6, num_conv=2, upscale=3, act_type="relu"), same),
    "compact-half": (Compact(num_feat=6, num_conv=2), lambda s: {k: v.half() for k, v in s.items()}),
}

torch.manual_seed(14)
expected = {"pixels": torch.rand(1, 3, 9, 14)}
for name, (model, form) in FORMS.items():
    for p in model.parameters():
        p.data = torch.randn_like(p) * (0.3 if p.ndim > 1 else 0.1)
        if name.endswith("half"):
            p.data = p.data.half().float()
    with torch.no_grad():
        expected[name] = model.eval()(expected["pixels"]).contiguous()
    save_file({k: v.contiguous() for k, v in form(model.state_dict()).items()}, f"{HERE}/{name}.safetensors")
save_file(expected, f"{HERE}/expected.safetensors")
print({k: (tuple(v.shape), round(float(v.abs().max()), 2)) for k, v in expected.items()})
