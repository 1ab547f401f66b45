"""Writes the trained models as GGUF: `python -m parlance_train.export OUT.gguf`, and `OUT.voice.gguf` where the encoder was trained.

Matrices are stored as q8_0 (blocks of 32 with one scale), norms as float32; the embedding serves as output matrix too.
"""

from __future__ import annotations

import argparse
import pickle
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import quantize

from . import bpe, model
from .dataset import CACHE

LAYER_NAMES = {
    "attn_norm": "attn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
    "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    tok = bpe.Tokenizer.load(CACHE / "tokenizer.json")
    for cache, path, name, what in (
        ("decoder.pkl", args.out, "parlance-small", "Chat messages about a wallet to typed intents"),
        ("voice.pkl", args.out.with_suffix(".voice.gguf"), "parlance-small-voice", "The intent of a chat message and the role of each entity; not causal"),
    ):
        if (CACHE / cache).exists():
            saved = pickle.loads((CACHE / cache).read_bytes())
            write(path, saved["params"], model.Shape(**saved["shape"]), tok, saved.get("marks", []), name, what)
            print(f"{path}: {path.stat().st_size} bytes")


def write(path: Path, params: dict, shape: model.Shape, tok: bpe.Tokenizer, marks: list[str], name: str, what: str) -> None:
    """One GGUF file with weights and tokenizer; `marks` are control tokens after the others, which no text can spell."""
    out = gguf.GGUFWriter(str(path), "llama")
    out.add_name(name)
    out.add_description(f"{what}; trained from scratch on hand-written phrasings.")
    out.add_license("MIT OR Apache-2.0")
    out.add_context_length(max(shape.context, 1024))
    out.add_embedding_length(shape.width)
    out.add_block_count(shape.layers)
    out.add_feed_forward_length(shape.hidden)
    out.add_rope_dimension_count(shape.width // shape.heads)
    out.add_rope_freq_base(shape.rope_base)
    out.add_head_count(shape.heads)
    out.add_head_count_kv(shape.heads)
    out.add_layer_norm_rms_eps(shape.eps)
    out.add_vocab_size(shape.vocab)
    out.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    add_tokenizer(out, tok, marks)
    matrix(out, "token_embd.weight", params["embed"])
    out.add_tensor("output_norm.weight", np.asarray(params["out_norm"], np.float32))
    for i in range(shape.layers):
        for key, name in LAYER_NAMES.items():
            value = np.asarray(params["layers"][key][i], np.float32)
            if value.ndim == 1:
                out.add_tensor(f"blk.{i}.{name}.weight", value)
            else:
                matrix(out, f"blk.{i}.{name}.weight", value.T)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def add_tokenizer(out: gguf.GGUFWriter, tok: bpe.Tokenizer, marks: list[str]) -> None:
    """Vocabulary, merges and marks; slots are user-defined tokens, found in any text."""
    control, slot, normal = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED, gguf.TokenType.NORMAL
    kinds = [control] * 3 + [slot] * len(tok.slots)
    kinds += [normal] * (len(tok.vocab) - len(kinds)) + [control] * len(marks)
    out.add_tokenizer_model("gpt2")
    out.add_tokenizer_pre("gpt-2")
    out.add_token_list([*tok.vocab, *marks])
    out.add_token_types(kinds)
    out.add_token_merges([f"{a} {b}" for a, b in tok.merges])
    out.add_bos_token_id(tok.bos)
    out.add_eos_token_id(tok.eos)
    out.add_pad_token_id(tok.pad)
    out.add_add_bos_token(True)
    out.add_add_eos_token(False)
    out.add_add_space_prefix(False)


def matrix(out: gguf.GGUFWriter, name: str, value: np.ndarray) -> None:
    """Adds [out, in] as q8_0."""
    kind = gguf.GGMLQuantizationType.Q8_0
    data = quantize(np.ascontiguousarray(value, np.float32), kind)
    out.add_tensor(name, data, raw_dtype=kind)


if __name__ == "__main__":
    main()
