"""One training step: Muon for matrices, Adam for the rest, gradients clipped to norm 1; and the way of the learning rate."""

from __future__ import annotations

import torch
from torch import Tensor

from .model import MATRICES, Model


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half() -> torch.autocast:
    """Products of matrices in bfloat16."""
    return torch.autocast(device().type, torch.bfloat16)


def orthogonal(g: Tensor) -> Tensor:
    """Newton-Schulz iteration towards the nearest orthogonal matrix, over a stack of matrices (Muon, Jordan 2024)."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = g.shape[-2] > g.shape[-1]
    x = (g.mT if tall else g).bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        m = x @ x.mT
        x = a * x + (b * m + c * (m @ m)) @ x
    return (x.mT if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal; matrices of one size go together."""

    def __init__(self, params: list[Tensor], lr: float = 0.02, momentum: float = 0.95, decay: float = 0.02):
        super().__init__(params, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:
        """Moves every matrix."""
        for group in self.param_groups:
            alike: dict[torch.Size, list[Tensor]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    alike.setdefault(p.shape, []).append(p)
            for size, params in alike.items():
                moments = []
                for p in params:
                    m = self.state[p].setdefault("m", torch.zeros_like(p))
                    m.mul_(group["momentum"]).add_(p.grad)
                    moments.append(p.grad + group["momentum"] * m)
                updates = orthogonal(torch.stack(moments)) * max(1.0, size[0] / size[1]) ** 0.5
                for p, update in zip(params, updates, strict=True):
                    p.mul_(1 - group["lr"] * group["decay"]).add_(update, alpha=-group["lr"])


class Step:
    """Optimizers of a model, and their step at a share of the learning rate."""

    def __init__(self, model: Model, rate: float = 1.0):
        self.params = list(model.parameters())
        matrices = [getattr(layer, n) for layer in model.layers for n in MATRICES]
        norms = [model.out_norm, *(n for layer in model.layers for n in (layer.attn_norm, layer.ffn_norm))]
        adam = [{"params": [model.embed], "weight_decay": 0.01}, {"params": norms, "weight_decay": 0.0}]
        self.optimizers = [Muon(matrices), torch.optim.AdamW(adam, lr=0.003, betas=(0.9, 0.98), eps=1e-8)]
        self.rates = [[g["lr"] * rate for g in o.param_groups] for o in self.optimizers]

    def __call__(self, loss: Tensor, share: float) -> None:
        """Moves the parameters down the loss, at `share` of the learning rate."""
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        for optimizer, rates in zip(self.optimizers, self.rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            optimizer.step()
            optimizer.zero_grad()


def share_of_rate(done: int, progress: float) -> float:
    """Warm for 50 steps, full for 40 % of the time, then down to zero."""
    return min(1.0, (done + 1) / 50) * min(1.0, (1.0 - progress) / 0.6)
