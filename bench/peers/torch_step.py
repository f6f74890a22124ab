#!/usr/bin/env python3
"""Times whole training steps of Habla's benchmark presets in PyTorch: forward, backward, clip, AdamW.

    OPENBLAS_NUM_THREADS=1 /usr/bin/python3 bench/peers/torch_step.py --preset lab,book --seconds 5 --threads 2

Prints one JSON object a preset. Written for Debian's python3-torch 1.13, whose matrix products come from OpenBLAS, and meant to
be as fast as eager PyTorch goes there: one product for query, key and value; one copy to put the heads first; scale and causal
mask inside the product of queries and keys (baddbmm; this version has no fused attention on a CPU); gradients set to None;
AdamW with foreach where that won. Tried, and slower or no faster: attention as in nanoGPT (a tenth slower on lab), AdamW over
slices that fit in the cache, clipping with foreach. F.dropout draws its masks on one thread, a third of the time of book.

Threads come in two kinds. --threads is PyTorch's own, which share element-wise work and the like. OPENBLAS_NUM_THREADS, set by
the caller, is OpenBLAS's: with 1 a matrix product runs on one thread; unset, it runs on all cores. Which pair is best depends on
the preset, so compare.sh tries them all and takes the best.

--settings installed takes PyTorch as it comes. --settings tuned (the default) adds what makes it faster on a CPU:
AVX-512 for element-wise work, which 1.13 has but does not choose; freed memory is kept rather than given back to the system and
faulted in again every step; threads that wait go to sleep where PyTorch's and OpenBLAS's would otherwise fight for the cores.
"""

import argparse
import collections
import ctypes
import json
import math
import os
import sys
import time

FEWEST_STEPS = 3
FOREACH_BELOW = 500_000  # parameters; above, one tensor after another is faster because it stays in the cache

Preset = collections.namedtuple("Preset", "family vocabulary context layers heads width hidden batch dropout")
PRESETS = {
    "lab": Preset("minigpt", 64, 32, 2, 4, 64, 256, 8, 0.0),
    "book": Preset("gpt2", 57, 64, 4, 4, 64, 256, 32, 0.1),
    "nanogpt-cpu": Preset("gpt2", 65, 64, 4, 4, 128, 512, 12, 0.0),
    "shakespeare-char": Preset("gpt2", 65, 256, 6, 6, 384, 1536, 64, 0.2),
    "gpt2-124m": Preset("gpt2", 50257, 64, 12, 12, 768, 3072, 4, 0.0),
}


def arguments():
    parser = argparse.ArgumentParser(description="training steps of the presets in PyTorch, one JSON line each")
    parser.add_argument("--preset", default=",".join(PRESETS), help="names separated by commas")
    parser.add_argument("--seconds", type=float, default=5, help="how long to warm up and to measure, each; "
                        f"at least one step and {FEWEST_STEPS} steps")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch's threads")
    parser.add_argument("--settings", choices=["tuned", "installed"], default="tuned")
    parsed = parser.parse_args()
    parsed.preset = parsed.preset.split(",")
    for name in parsed.preset:
        if name not in PRESETS:
            parser.error(f"there is no preset '{name}'; there are {', '.join(PRESETS)}")
    return parsed


def prepare_process(parsed):
    """Libraries read these when they are loaded, so this comes before torch is imported."""
    for forced in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(forced, None)  # what some shells set, and what may keep OpenBLAS from its best kernels
    if parsed.settings == "installed":
        return
    with open("/proc/cpuinfo", encoding="utf-8") as cpu:
        if " avx512f " in cpu.read():
            os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")
    if parsed.threads > 1 and os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
    libc.mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)


if __name__ == "__main__":
    OPTIONS = arguments()
    prepare_process(OPTIONS)

import torch
from torch import nn
from torch.nn import functional as F


class Attention(nn.Module):
    def __init__(self, p):
        super().__init__()
        bias = p.family == "gpt2"
        self.heads, self.dropout = p.heads, p.dropout
        self.query_key_value = nn.Linear(p.width, 3 * p.width, bias=bias)
        self.output = nn.Linear(p.width, p.width, bias=bias)

    def forward(self, x, mask, rotation):
        B, T, C = x.shape
        H, D = self.heads, C // self.heads
        qkv = self.query_key_value(x).view(B, T, 3, H, D).permute(2, 0, 3, 1, 4).reshape(3, B * H, T, D)
        if rotation is None:
            q, k, v = qkv.unbind(0)                                                     # [B*H, T, D]
        else:
            # Neighbours are a pair here and half a head apart in Habla: the same model with its rows in another order.
            pairs = torch.view_as_complex(qkv[:2].view(2, B * H, T, D // 2, 2))
            q, k = torch.view_as_real(pairs * rotation).view(2, B * H, T, D).unbind(0)
            v = qkv[2]
        weights = F.softmax(torch.baddbmm(mask, q, k.transpose(1, 2), alpha=D ** -0.5), dim=-1)  # [B*H, T, T]
        if self.dropout > 0:
            weights = F.dropout(weights, self.dropout)
        heads = torch.bmm(weights, v).view(B, H, T, D).transpose(1, 2).reshape(B, T, C)
        return self.output(heads)


class Block(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.attention_norm, self.attention = nn.LayerNorm(p.width), Attention(p)
        self.feed_forward_norm = nn.LayerNorm(p.width)
        self.up, self.down = nn.Linear(p.width, p.hidden), nn.Linear(p.hidden, p.width)
        self.gelu = "tanh" if p.family == "gpt2" else "none"
        self.dropout = p.dropout

    def forward(self, x, mask, rotation):
        x = x + self.drop(self.attention(self.attention_norm(x), mask, rotation))
        hidden = F.gelu(self.up(self.feed_forward_norm(x)), approximate=self.gelu)
        return x + self.drop(self.down(hidden))

    def drop(self, x):
        return F.dropout(x, self.dropout, inplace=True) if self.dropout > 0 else x


class Gpt(nn.Module):
    def __init__(self, p):
        super().__init__()
        T, D = p.context, p.width // p.heads
        self.dropout = p.dropout
        self.token_embedding = nn.Embedding(p.vocabulary, p.width)  # the head too
        self.position_embedding = nn.Parameter(torch.empty(T, p.width)) if p.family == "gpt2" else None
        self.blocks = nn.ModuleList(Block(p) for _ in range(p.layers))
        self.final_norm = nn.LayerNorm(p.width)
        self.mask = torch.full((1, T, T), -math.inf).triu(1)
        self.rotation = None
        if p.family == "minigpt":
            angles = torch.outer(torch.arange(T), 10000.0 ** (-2.0 * torch.arange(D // 2) / D))
            self.rotation = torch.polar(torch.ones_like(angles), angles)                # [T, D/2]
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)
        for layer in self.modules():
            if isinstance(layer, nn.Linear) and layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, ids, targets):
        x = self.token_embedding(ids)                                                   # [B, T, C]
        if self.position_embedding is not None:
            x = x + self.position_embedding
        if self.dropout > 0:
            x = F.dropout(x, self.dropout, inplace=True)
        for block in self.blocks:
            x = block(x, self.mask, self.rotation)
        logits = F.linear(self.final_norm(x), self.token_embedding.weight)              # [B, T, V]
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def measure(name, threads, seconds):
    p = PRESETS[name]
    torch.manual_seed(42)
    model = Gpt(p)
    parameters = list(model.parameters())
    count = sum(parameter.numel() for parameter in parameters)
    optimizer = torch.optim.AdamW(
        [{"params": [q for q in parameters if q.dim() > 1], "weight_decay": 0.1},
         {"params": [q for q in parameters if q.dim() == 1], "weight_decay": 0.0}],
        lr=3e-4, betas=(0.9, 0.95), eps=1e-8, foreach=count < FOREACH_BELOW)
    ids = torch.randint(p.vocabulary, (p.batch, p.context + 1))
    inputs, targets = ids[:, :-1].contiguous(), ids[:, 1:].contiguous()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = model(inputs, targets)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        return loss.item()

    def run(fewest):
        times, end = [], time.perf_counter() + seconds
        while len(times) < fewest or time.perf_counter() < end:
            start = time.perf_counter()
            loss = step()
            times.append(time.perf_counter() - start)
        return sorted(times), loss

    run(fewest=1)
    times, loss = run(FEWEST_STEPS)
    return {
        "preset": name, "threads": threads, "median_ms": round(times[len(times) // 2] * 1e3, 4),
        "fastest_ms": round(times[0] * 1e3, 4), "steps": len(times), "tokens_per_step": p.batch * p.context,
        "loss": round(loss, 6), "parameters": count,
    }


def main():
    torch.set_num_threads(OPTIONS.threads)
    for name in OPTIONS.preset:
        print(json.dumps(measure(name, OPTIONS.threads, OPTIONS.seconds)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
