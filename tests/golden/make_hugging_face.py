#!/usr/bin/env python3
"""Writes hf_gpt2.json and hf_llama.json beside this script: tiny models as Hugging Face lays them out, and their logits.

    /usr/bin/python3 tests/golden/make_hugging_face.py

GPT-2 and Llama are written here once more in plain PyTorch, this time on the names and shapes of the files that people share:
weights under the names of their safetensors files, settings under those of config.json. GPT-2 keeps its matrices as [in, out] with
queries, keys and values in one; Llama as [out, in], each for itself. Logits are computed in float64.
"""

import math

import torch
from torch.nn import functional as F

from make_golden import made_with, tensor, write

GPT2 = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 11, "n_positions": 10, "n_ctx": 10, "n_embd": 16,
        "n_layer": 2, "n_head": 4, "n_inner": None, "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5,
        "tie_word_embeddings": True}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 12, "max_position_embeddings": 10,
         "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "rope_scaling": None, "attention_bias": False,
         "mlp_bias": False, "tie_word_embeddings": False}
IDS = [[1, 5, 2, 0, 9, 3, 3, 7, 10, 4], [8, 8, 0, 6, 1, 2, 10, 5, 9, 3]]


def causal_attention(q, k, v):
    """[B, H, T, D]"""
    T, D = q.shape[-2:]
    hidden = torch.ones(T, T, dtype=torch.bool).triu(1)
    return (q @ k.transpose(-2, -1) / math.sqrt(D)).masked_fill(hidden, -math.inf).softmax(dim=-1) @ v


def heads_of(x, count):
    B, T, C = x.shape
    return x.view(B, T, count, C // count).transpose(1, 2)


def joined(x):
    return x.transpose(1, 2).flatten(2)


def gpt2_shapes(c):
    C, hidden = c["n_embd"], 4 * c["n_embd"]
    shapes = {"transformer.wte.weight": (c["vocab_size"], C), "transformer.wpe.weight": (c["n_positions"], C)}
    for i in range(c["n_layer"]):
        h = f"transformer.h.{i}."
        shapes |= {h + "ln_1.weight": (C,), h + "ln_1.bias": (C,), h + "attn.c_attn.weight": (C, 3 * C), h + "attn.c_attn.bias": (3 * C,),
                   h + "attn.c_proj.weight": (C, C), h + "attn.c_proj.bias": (C,), h + "ln_2.weight": (C,), h + "ln_2.bias": (C,),
                   h + "mlp.c_fc.weight": (C, hidden), h + "mlp.c_fc.bias": (hidden,), h + "mlp.c_proj.weight": (hidden, C),
                   h + "mlp.c_proj.bias": (C,)}
    return shapes | {"transformer.ln_f.weight": (C,), "transformer.ln_f.bias": (C,)}


def gpt2_logits(c, w, ids):
    C = c["n_embd"]
    norm = lambda x, name: F.layer_norm(x, (C,), w[name + ".weight"], w[name + ".bias"], c["layer_norm_epsilon"])
    linear = lambda x, name: x @ w[name + ".weight"] + w[name + ".bias"]           # [in, out], as GPT-2's Conv1D has it
    x = w["transformer.wte.weight"][ids] + w["transformer.wpe.weight"][: ids.shape[1]]
    for i in range(c["n_layer"]):
        h = f"transformer.h.{i}."
        q, k, v = (heads_of(part, c["n_head"]) for part in linear(norm(x, h + "ln_1"), h + "attn.c_attn").split(C, dim=2))
        x = x + linear(joined(causal_attention(q, k, v)), h + "attn.c_proj")
        x = x + linear(F.gelu(linear(norm(x, h + "ln_2"), h + "mlp.c_fc"), approximate="tanh"), h + "mlp.c_proj")
    return norm(x, "transformer.ln_f") @ w["transformer.wte.weight"].T


def llama_shapes(c):
    C, hidden = c["hidden_size"], c["intermediate_size"]
    shared = C // c["num_attention_heads"] * c["num_key_value_heads"]
    shapes = {"model.embed_tokens.weight": (c["vocab_size"], C)}
    for i in range(c["num_hidden_layers"]):
        h = f"model.layers.{i}."
        shapes |= {h + "input_layernorm.weight": (C,), h + "self_attn.q_proj.weight": (C, C), h + "self_attn.k_proj.weight": (shared, C),
                   h + "self_attn.v_proj.weight": (shared, C), h + "self_attn.o_proj.weight": (C, C),
                   h + "post_attention_layernorm.weight": (C,), h + "mlp.gate_proj.weight": (hidden, C),
                   h + "mlp.up_proj.weight": (hidden, C), h + "mlp.down_proj.weight": (C, hidden)}
    return shapes | {"model.norm.weight": (C,), "lm_head.weight": (c["vocab_size"], C)}


def frequencies(c, D):
    """base^(-2i/D), and what rope_scaling of type llama3 makes of them: waves longer than the first context turn slower."""
    frequency = 1.0 / c["rope_theta"] ** (torch.arange(0, D, 2, dtype=torch.float64) / D)
    scaling = c["rope_scaling"]
    if scaling is None:
        return frequency
    low, high, factor = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["factor"]
    waves = scaling["original_max_position_embeddings"] * frequency / (2 * math.pi)  # waves in the first context
    smooth = ((waves - low) / (high - low)).clamp(0, 1)
    return (1 - smooth) * frequency / factor + smooth * frequency


def rotated(x, c):
    """rotate_half of the Hugging Face code: x cos + [-x2, x1] sin."""
    T, D = x.shape[-2:]
    angle = torch.arange(T, dtype=torch.float64)[:, None] * frequencies(c, D)       # [T, D/2]
    cos, sin = torch.cat([angle, angle], -1).cos(), torch.cat([angle, angle], -1).sin()
    return x * cos + torch.cat([-x[..., D // 2:], x[..., : D // 2]], -1) * sin


def llama_logits(c, w, ids):
    H, shared = c["num_attention_heads"], c["num_key_value_heads"]
    norm = lambda x, name: w[name + ".weight"] * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + c["rms_norm_eps"])
    linear = lambda x, name: x @ w[name + ".weight"].T
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        h = f"model.layers.{i}."
        normed = norm(x, h + "input_layernorm")
        q = rotated(heads_of(linear(normed, h + "self_attn.q_proj"), H), c)
        k = rotated(heads_of(linear(normed, h + "self_attn.k_proj"), shared), c)
        v = heads_of(linear(normed, h + "self_attn.v_proj"), shared)
        k, v = (part.repeat_interleave(H // shared, dim=1) for part in (k, v))
        x = x + linear(joined(causal_attention(q, k, v)), h + "self_attn.o_proj")
        normed = norm(x, h + "post_attention_layernorm")
        x = x + linear(F.silu(linear(normed, h + "mlp.gate_proj")) * linear(normed, h + "mlp.up_proj"), h + "mlp.down_proj")
    return linear(norm(x, "model.norm"), "lm_head")


def make(config, shapes, logits, seed):
    torch.manual_seed(seed)
    weights = {}
    for name, shape in shapes(config).items():
        is_gain = name.endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight"))
        weights[name] = (1.0 if is_gain else 0.0) + 0.2 * torch.randn(shape)
    ids = torch.tensor(IDS)
    return {
        "made_with": made_with() | {"script": "tests/golden/make_hugging_face.py"},
        "config": config,
        "weights": {name: tensor(value) for name, value in weights.items()},
        "inputs": tensor(ids),
        "logits": tensor(logits(config, {name: value.double() for name, value in weights.items()}, ids)),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    scaled = LLAMA | {"rope_theta": 500.0, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 16}}
    write("hf_gpt2.json", make(GPT2, gpt2_shapes, gpt2_logits, 31))
    write("hf_llama.json", make(LLAMA, llama_shapes, llama_logits, 32))
    write("hf_llama3.json", make(scaled, llama_shapes, llama_logits, 33))
