"""Decoder and encoder: llama's architecture (RMSNorm, rotary positions on neighbouring pairs, SwiGLU, tied embedding), in JAX."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import jax
import jax.numpy as jnp
import numpy as np


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


def init(shape: Shape, seed: int) -> dict:
    """Fresh parameters; matrices are [in, out], stacked over layers."""
    rng = np.random.default_rng(seed)
    w, h, n = shape.width, shape.hidden, shape.layers

    def normal(*dims: int, scale: float) -> np.ndarray:
        return (rng.standard_normal(dims) * scale).astype(np.float32)

    residual = 0.5 / (2 * n) ** 0.5
    return {
        "embed": normal(shape.vocab, w, scale=0.02),
        "out_norm": np.ones(w, np.float32),
        "layers": {
            "attn_norm": np.ones((n, w), np.float32),
            "ffn_norm": np.ones((n, w), np.float32),
            "q": normal(n, w, w, scale=w**-0.5),
            "k": normal(n, w, w, scale=w**-0.5),
            "v": normal(n, w, w, scale=w**-0.5),
            "o": normal(n, w, w, scale=w**-0.5 * residual),
            "gate": normal(n, w, h, scale=w**-0.5),
            "up": normal(n, w, h, scale=w**-0.5),
            "down": normal(n, h, w, scale=h**-0.5 * residual),
        },
    }


def _half(a: jax.Array, b: jax.Array, contract: tuple[int, int]) -> jax.Array:
    """A product of matrices, factors rounded to bfloat16, sums in float32 (AMX where the CPU has it)."""
    dims = (((contract[0],), (contract[1],)), ((), ()))
    return jax.lax.dot_general(a.astype(jnp.bfloat16), b.astype(jnp.bfloat16), dims, preferred_element_type=jnp.float32)


@jax.custom_vjp
def matmul(x: jax.Array, w: jax.Array) -> jax.Array:
    """[rows, in] times [in, out]."""
    return _half(x, w, (1, 0))


def _forward(x: jax.Array, w: jax.Array):
    return matmul(x, w), (x, w)


def _backward(saved, g: jax.Array):
    x, w = saved
    return _half(g, w, (1, 1)), x.T @ g


matmul.defvjp(_forward, _backward)


def norm(x: jax.Array, weight: jax.Array, eps: float) -> jax.Array:
    """Root-mean-square norm."""
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + eps) * weight


def rotate(x: jax.Array, cos: jax.Array, sin: jax.Array) -> jax.Array:
    """Rotary positions on pairs (0,1), (2,3)...; x is [batch, time, heads, dim], cos and sin [batch, time, 1, dim/2]."""
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    a, b = pairs[..., 0], pairs[..., 1]
    return jnp.stack([a * cos - b * sin, a * sin + b * cos], axis=-1).reshape(x.shape)


def logits(params: dict, shape: Shape, tokens: jax.Array, positions: jax.Array, segments: jax.Array) -> jax.Array:
    """[batch, time] token numbers to [batch, time, vocab]; attention stays inside a segment."""
    batch, time = tokens.shape
    dim = shape.width // shape.heads
    rates = shape.rope_base ** (-jnp.arange(0, dim, 2) / dim)
    angles = positions[..., None] * rates
    cos, sin = jnp.cos(angles)[:, :, None], jnp.sin(angles)[:, :, None]
    same = segments[:, :, None] == segments[:, None, :]
    if shape.causal:
        same &= jnp.tril(jnp.ones((time, time), bool))
    mask = jnp.where(same, 0.0, -1e9)[:, None]

    def layer(x: jax.Array, p: dict) -> jax.Array:
        h = norm(x, p["attn_norm"], shape.eps)
        q, k, v = (matmul(h, p[n]).reshape(batch, time, shape.heads, dim) for n in "qkv")
        q, k, v = (y.transpose(0, 2, 1, 3).reshape(-1, time, dim) for y in (rotate(q, cos, sin), rotate(k, cos, sin), v))
        scores = jnp.einsum("ntd,nsd->nts", q, k).reshape(batch, shape.heads, time, time) * dim**-0.5 + mask
        seen = jax.nn.softmax(scores, axis=-1).reshape(-1, time, time)
        mixed = jnp.einsum("nts,nsd->ntd", seen, v).reshape(batch, shape.heads, time, dim).transpose(0, 2, 1, 3)
        x = x + matmul(mixed.reshape(-1, shape.width), p["o"])
        h = norm(x, p["ffn_norm"], shape.eps)
        return x + matmul(jax.nn.silu(matmul(h, p["gate"])) * matmul(h, p["up"]), p["down"])

    x = params["embed"][tokens].reshape(-1, shape.width)
    for i in range(shape.layers):
        x = layer(x, {k: v[i] for k, v in params["layers"].items()})
    out = matmul(norm(x, params["out_norm"], shape.eps), params["embed"].T)
    return out.reshape(batch, time, shape.vocab)
