"""Opens a learnt ControlNet with diffusers and writes its residuals: python controlnet-in-diffusers.py FOLDER ROWS.safetensors

ROWS holds `sample`, `context` and `hint`; afterwards it holds the residuals by number, the middle block's last.
"""
import sys
import torch
from diffusers import ControlNetModel
from safetensors.torch import load_file, save_file

folder, out = sys.argv[1:]
net, report = ControlNetModel.from_pretrained(folder, output_loading_info=True)
assert not any(report.values()), report
rows = load_file(out)
with torch.no_grad():
    down, mid = net.eval()(rows["sample"], torch.tensor(500), rows["context"], rows["hint"], return_dict=False)
save_file({str(i): x.contiguous() for i, x in enumerate([*down, mid])}, out)
