"""A running average of the weights, which draws better than the last step's weights."""
from contextlib import contextmanager
import torch


class Ema:
    def __init__(self, params, decay):
        self.params, self.decay, self.steps = list(params), decay, 0
        self.values = [p.detach().float().clone() for p in self.params]

    @torch.no_grad()
    def update(self):
        self.steps += 1
        d = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_mul_(self.values, d)
        torch._foreach_add_(self.values, [p.detach().float() for p in self.params], alpha=1 - d)

    @torch.no_grad()
    def swap(self):
        for p, v in zip(self.params, self.values):
            t = p.detach().clone()
            p.copy_(v)
            v.copy_(t)

    @contextmanager
    def swapped(self):
        self.swap()
        try:
            yield
        finally:
            self.swap()
