"""Decoder and encoder: llama's architecture (RMSNorm, rotary positions on neighbouring pairs, SwiGLU, tied embedding), in PyTorch.

Products of matrices are in bfloat16 where the processor multiplies it fast (AMX, GPU), sums and everything else in float32.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Shape:
    """Sizes of the model."""

    vocab: int
    width: int = 192
    layers: int = 6
    heads: int = 6
    hidden: int = 512
    context: int = 512
    rope_base: float = 10_000.0
    eps: float = 1e-5
    causal: bool = True
    """A decoder looks back only; the encoder looks both ways."""

    def as_dict(self) -> dict:
        """For the checkpoint."""
        return asdict(self)


MATRICES = ("q", "k", "v", "o", "gate", "up", "down")


class Layer(nn.Module):
    """Attention and SwiGLU, each behind its norm."""

    def __init__(self, shape: Shape):
        super().__init__()
        w, h = shape.width, shape.hidden
        residual = 0.5 / (2 * shape.layers) ** 0.5
        sizes = {"q": (w, w), "k": (w, w), "v": (w, w), "o": (w, w), "gate": (w, h), "up": (w, h), "down": (h, w)}
        for name, (rows, columns) in sizes.items():
            scale = rows**-0.5 * (residual if name in ("o", "down") else 1.0)
            self.register_parameter(name, nn.Parameter(torch.randn(rows, columns) * scale))
        self.attn_norm = nn.Parameter(torch.ones(w))
        self.ffn_norm = nn.Parameter(torch.ones(w))
        self.shape = shape

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor, drop: float) -> Tensor:
        """[batch, time, width] to the same."""
        s = self.shape
        h = F.rms_norm(x, (s.width,), self.attn_norm, s.eps)
        split = (*x.shape[:2], s.heads, s.width // s.heads)
        q, k, v = ((h @ m).view(split).transpose(1, 2) for m in (self.q, self.k, self.v))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        # Written out: with a mask, the fused form's way back is several times slower on a CPU.
        seen = ((q @ k.mT).float() * split[-1] ** -0.5 + mask).softmax(dim=-1)
        x = x + dropped((seen.to(v.dtype) @ v).transpose(1, 2).reshape(x.shape) @ self.o, drop)
        h = F.rms_norm(x, (s.width,), self.ffn_norm, s.eps)
        return x + dropped((F.silu(h @ self.gate) * (h @ self.up)) @ self.down, drop)


def dropped(x: Tensor, share: float) -> Tensor:
    """Drops a share of the channels of each row of the batch."""
    if share == 0.0:
        return x
    kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= share
    return x * (kept / (1 - share)).to(x.dtype)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions on pairs (0,1), (2,3)...; x is [batch, heads, time, dim], cos and sin [batch, 1, time, dim/2]."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


class Model(nn.Module):
    """Decoder or encoder."""

    def __init__(self, shape: Shape, seed: int = 0):
        super().__init__()
        torch.manual_seed(seed)
        self.shape = shape
        self.embed = nn.Parameter(torch.randn(shape.vocab, shape.width) * 0.02)
        self.out_norm = nn.Parameter(torch.ones(shape.width))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))

    def forward(self, tokens: Tensor, positions: Tensor, segments: Tensor, drop: float = 0.0) -> Tensor:
        """[batch, time] token numbers to the last layer's normed states, [batch, time, width]; attention stays inside a segment."""
        s = self.shape
        dim = s.width // s.heads
        rates = s.rope_base ** (-torch.arange(0, dim, 2, device=tokens.device) / dim)
        angles = positions[..., None] * rates
        cos, sin = torch.cos(angles)[:, None], torch.sin(angles)[:, None]
        same = segments[:, :, None] == segments[:, None, :]
        if s.causal:
            same = same & torch.ones(tokens.shape[1], tokens.shape[1], dtype=torch.bool, device=tokens.device).tril()
        mask = torch.where(same, 0.0, -1e9)[:, None]
        x = F.embedding(tokens, self.embed)
        for layer in self.layers:
            x = layer(x, cos, sin, mask, drop)
        return F.rms_norm(x, (s.width,), self.out_norm, s.eps)

    def named(self, states: Tensor) -> Tensor:
        """States to logits over the vocabulary."""
        return (states @ self.embed.T).float()

    def arrays(self) -> dict:
        """Parameters as numpy arrays, matrices [in, out], stacked over layers: what a checkpoint holds."""
        number = lambda p: p.detach().float().cpu().numpy()  # noqa: E731
        names = (*MATRICES, "attn_norm", "ffn_norm")
        layers = {n: np.stack([number(getattr(layer, n)) for layer in self.layers]) for n in names}
        return {"embed": number(self.embed), "out_norm": number(self.out_norm), "layers": layers}

    def restore(self, arrays: dict) -> None:
        """Sets the parameters from what `arrays` gave."""
        with torch.no_grad():
            self.embed.copy_(torch.from_numpy(arrays["embed"]))
            self.out_norm.copy_(torch.from_numpy(arrays["out_norm"]))
            for name, stacked in arrays["layers"].items():
                for layer, value in zip(self.layers, stacked, strict=True):
                    getattr(layer, name).copy_(torch.from_numpy(value))
