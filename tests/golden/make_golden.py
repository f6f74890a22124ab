#!/usr/bin/env python3
"""Writes the golden files that Habla is held against: minigpt.json, gpt2.json, llama.json and ops.json beside this script.

    /usr/bin/python3 tests/golden/make_golden.py

A tiny model of each family is written here in plain PyTorch, on its own terms and with Habla's parameter names. One batch
goes through it; what comes out (logits, loss, every gradient, ten AdamW steps) is what Habla has to find too, in float32,
and what the float64 ReferenceForward has to find in float64. ops.json holds single operations in float64.

The README in this folder tells the format and the versions this was last run with.
"""

import base64
import json
import math
import pathlib
import platform

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
STEPS = 10
OPTIMIZER = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "weight_decay": 0.1, "clip": 1.0}

FAMILIES = {
    "minigpt": {"position": "rotary", "activation": "gelu", "attention_bias": False, "vocab_size": 13, "seed": 20250},
    "gpt2": {"position": "learned", "activation": "gelu_tanh", "attention_bias": True, "vocab_size": 11, "seed": 20251},
    "llama": {"position": "rotary", "activation": "swiglu", "attention_bias": False, "vocab_size": 12, "seed": 20252,
              "n_head": 4, "n_kv_head": 2, "ffn_bias": False, "norm": "rmsnorm", "norm_eps": 1e-3, "rope_theta": 500.0,
              "tie_embeddings": False},
}
SIZES = {"n_layer": 2, "n_head": 2, "d_model": 16, "d_ff": 32, "max_seq_len": 10}


# The model. Module names are chosen so that state_dict() has exactly Habla's parameter names.

def rotate(x, base=10000.0):
    """Rotary positions on [B, H, T, D]: the pair (i, i + D/2) turns by position * base^(-2i/D)."""
    T, D = x.shape[-2:]
    frequency = base ** (-2.0 * torch.arange(D // 2, dtype=torch.float64) / D)
    angle = torch.outer(torch.arange(T, dtype=torch.float64), frequency)           # [T, D/2]
    cos = torch.cat([angle.cos(), angle.cos()], dim=-1).to(x.dtype)
    sin = torch.cat([angle.sin(), angle.sin()], dim=-1).to(x.dtype)
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def attend(q, k, v, padding_mask):
    """Causal attention on [B, H, T, D]; padding_mask [B, T] is 1 where a key may be seen. Sees nothing: gives zeros."""
    T, D = q.shape[-2:]
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    visible = causal[None, None] & padding_mask.bool()[:, None, None, :]           # [B, 1, T, T]
    scores = q @ k.transpose(-2, -1) / math.sqrt(D)
    weights = scores.masked_fill(~visible, -1e30).softmax(dim=-1) * visible
    return weights @ v


def split_heads(x, heads):
    B, T, C = x.shape
    return x.view(B, T, heads, C // heads).transpose(1, 2)                         # [B, H, T, D]


def join_heads(x):
    B, H, T, D = x.shape
    return x.transpose(1, 2).reshape(B, T, H * D)


def share_heads(x, heads):
    """Keys or values [B, H_kv, T, D], each head once for every head of queries that it serves: [B, H, T, D]."""
    return x.repeat_interleave(heads // x.shape[1], dim=1)


class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return x / (x.pow(2).mean(dim=-1, keepdim=True) + self.eps).sqrt() * self.weight


def make_norm(config):
    eps = config.get("norm_eps", 1e-5)
    return RmsNorm(config["d_model"], eps) if config.get("norm") == "rmsnorm" else nn.LayerNorm(config["d_model"], eps=eps)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        C, bias = config["d_model"], config["attention_bias"]
        self.heads, self.key_heads = config["n_head"], config.get("n_kv_head", config["n_head"])
        shared = C // self.heads * self.key_heads
        self.query = nn.Linear(C, C, bias=bias)
        self.key = nn.Linear(C, shared, bias=bias)
        self.value = nn.Linear(C, shared, bias=bias)
        self.output = nn.Linear(C, C, bias=bias)
        self.rotary = config["position"] == "rotary"
        self.base = config.get("rope_theta", 10000.0)

    def forward(self, x, padding_mask):
        q = split_heads(self.query(x), self.heads)
        k, v = (split_heads(project(x), self.key_heads) for project in (self.key, self.value))
        if self.rotary:
            q, k = rotate(q, self.base), rotate(k, self.base)
        k, v = share_heads(k, self.heads), share_heads(v, self.heads)
        return self.output(join_heads(attend(q, k, v, padding_mask)))


class FeedForward(nn.Module):
    def __init__(self, config):
        super().__init__()
        bias, self.gated = config.get("ffn_bias", True), config["activation"] == "swiglu"
        if self.gated:
            self.gate = nn.Linear(config["d_model"], config["d_ff"], bias=bias)
        self.up = nn.Linear(config["d_model"], config["d_ff"], bias=bias)
        self.down = nn.Linear(config["d_ff"], config["d_model"], bias=bias)
        self.approximate = "tanh" if config["activation"] == "gelu_tanh" else "none"

    def forward(self, x):
        if self.gated:
            return self.down(F.silu(self.gate(x)) * self.up(x))
        return self.down(F.gelu(self.up(x), approximate=self.approximate))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attention_norm = make_norm(config)
        self.attention = Attention(config)
        self.feed_forward_norm = make_norm(config)
        self.feed_forward = FeedForward(config)

    def forward(self, x, padding_mask):
        x = x + self.attention(self.attention_norm(x), padding_mask)
        return x + self.feed_forward(self.feed_forward_norm(x))


class Gpt(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.token_embedding = nn.Embedding(config["vocab_size"], config["d_model"])
        if config["position"] == "learned":
            self.position_embedding = nn.Embedding(config["max_seq_len"], config["d_model"])
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["n_layer"]))
        self.final_norm = make_norm(config)
        if not config.get("tie_embeddings", True):
            self.head = nn.Linear(config["d_model"], config["vocab_size"], bias=False)
        self.learned = config["position"] == "learned"

    def forward(self, ids, padding_mask):
        x = self.token_embedding(ids)
        if self.learned:
            x = x + self.position_embedding.weight[: ids.shape[1]]
        for block in self.blocks:
            x = block(x, padding_mask)
        head = self.head if hasattr(self, "head") else self.token_embedding        # tied unless it has its own
        return self.final_norm(x) @ head.weight.T


def token_mean_loss(logits, targets, loss_mask):
    """Mean cross-entropy over the targets whose mask is 1."""
    each = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), reduction="none")
    mask = loss_mask.reshape(-1).to(each.dtype)
    return (each * mask).sum() / mask.sum()


# The batch: three rows of eight. Row 0 is full; row 1 has five tokens and padding after them; row 2 has padding before and
# after, so that its first two queries see no key at all. In rows 0 and 2 some real targets do not count either.

PADDING_MASK = [[1, 1, 1, 1, 1, 1, 1, 1],
                [1, 1, 1, 1, 1, 0, 0, 0],
                [0, 0, 1, 1, 1, 1, 1, 0]]
LOSS_MASK = [[0, 0, 1, 1, 1, 1, 1, 1],
             [1, 1, 1, 1, 1, 0, 0, 0],
             [0, 0, 0, 1, 1, 1, 1, 0]]


def make_batch(vocab_size):
    padding = torch.tensor(PADDING_MASK)
    inputs = torch.randint(1, vocab_size, padding.shape) * padding                  # id 0 is padding
    targets = torch.randint(1, vocab_size, padding.shape) * padding
    return inputs, targets, padding, torch.tensor(LOSS_MASK)


def randomize(model):
    """Weights far larger than training would start with, so that every gradient says something."""
    for name, parameter in model.named_parameters():
        centre = 1.0 if name.endswith("norm.weight") else 0.0
        parameter.data = centre + 0.2 * torch.randn(parameter.shape)


def gradient_norm(model):
    return math.sqrt(sum(float((p.grad.double() ** 2).sum()) for p in model.parameters()))


def run(config, weights, batch, dtype):
    """Everything that one precision gives: logits, loss, gradients, and ten steps."""
    inputs, targets, padding_mask, loss_mask = batch
    model = Gpt(config).to(dtype)
    model.load_state_dict({name: value.to(dtype) for name, value in weights.items()})
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": OPTIMIZER["weight_decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=OPTIMIZER["lr"], betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]), eps=OPTIMIZER["eps"])

    result = {"step_losses": [], "step_gradient_norms": []}
    for step in range(STEPS):
        optimizer.zero_grad()
        logits = model(inputs, padding_mask)
        loss = token_mean_loss(logits, targets, loss_mask)
        loss.backward()
        norm = gradient_norm(model)
        if step == 0:
            result["logits"] = tensor(logits)
            result["loss"] = loss.item()
            result["gradient_norm"] = norm
            result["gradients"] = {name: tensor(p.grad) for name, p in model.named_parameters()}
        result["step_losses"].append(loss.item())
        result["step_gradient_norms"].append(norm)
        if norm > OPTIMIZER["clip"]:
            for p in model.parameters():
                p.grad *= OPTIMIZER["clip"] / norm
        optimizer.step()

    result["loss_after_steps"] = token_mean_loss(model(inputs, padding_mask), targets, loss_mask).item()
    result["final_weights"] = {name: tensor(p) for name, p in model.named_parameters()}
    return result


# Single operations in float64, small and awkward shapes: each with its inputs, the gradient that comes in from above (grad)
# and the gradients that go out.

def operation(forward, **inputs):
    for value in inputs.values():
        if value.is_floating_point():
            value.requires_grad_()
    output = forward(**inputs)
    grad = torch.randn_like(output)
    output.backward(grad)
    return {
        "inputs": {name: tensor(value) for name, value in inputs.items()},
        "output": tensor(output),
        "output_gradient": tensor(grad),
        "gradients": {name: tensor(value.grad) for name, value in inputs.items() if value.is_floating_point()},
    }


def make_operations():
    torch.manual_seed(7)
    random = lambda *shape: torch.randn(*shape, dtype=torch.float64)
    heads, mask = 3, torch.tensor(PADDING_MASK)[:, :5]
    attention = lambda q, k, v, mask: join_heads(attend(split_heads(q, heads), split_heads(k, heads), split_heads(v, heads), mask))
    operations = {
        "embedding": operation(lambda ids, table: F.embedding(ids, table), ids=torch.tensor([[2, 0, 2], [4, 1, 2]]), table=random(5, 3)),
        "linear": operation(lambda x, weight, bias: F.linear(x, weight, bias), x=random(5, 7), weight=random(3, 7), bias=random(3)),
        "layer_norm": operation(lambda x, weight, bias: F.layer_norm(x, (7,), weight, bias, 1e-5), x=random(5, 7), weight=random(7), bias=random(7)),
        "gelu": operation(lambda x: F.gelu(x), x=3 * random(33)),
        "gelu_tanh": operation(lambda x: F.gelu(x, approximate="tanh"), x=3 * random(33)),
        "rotary": operation(lambda x: join_heads(rotate(split_heads(x, heads))), x=random(2, 5, 12)),
        "attention": operation(attention, q=random(3, 5, 6), k=random(3, 5, 6), v=random(3, 5, 6), mask=mask),
        "cross_entropy": operation(token_mean_loss, logits=3 * random(6, 5), targets=torch.tensor([0, 4, 2, 2, 1, 3]),
                                   loss_mask=torch.tensor([1, 1, 0, 1, 0, 1])),
    }

    weight = nn.Parameter(random(3, 4))
    optimizer = torch.optim.AdamW([weight], lr=0.01, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
    adamw = {"lr": 0.01, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "weight_decay": 0.1,
             "weight": tensor(weight), "gradients": [], "weights": []}
    for _ in range(3):
        weight.grad = random(3, 4)
        optimizer.step()
        adamw["gradients"].append(tensor(weight.grad))
        adamw["weights"].append(tensor(weight))
    # What came later draws later, so that the numbers above stay.
    norm = RmsNorm(7, 1e-5)
    operations["rms_norm"] = operation(
        lambda x, weight: torch.nn.utils.stateless.functional_call(norm, {"weight": weight}, x), x=random(5, 7), weight=random(7))
    operations["swiglu"] = operation(lambda x: F.silu(x.chunk(2, dim=-1)[0]) * x.chunk(2, dim=-1)[1], x=2 * random(5, 14))
    return {"made_with": made_with(), "operations": operations, "adamw": adamw}


# Files.

TYPE_NAMES = {torch.float32: "float32", torch.float64: "float64", torch.int64: "int32"}


def tensor(value):
    """A tensor as JSON: type, shape, and the little-endian bytes in base64, row-major."""
    name = TYPE_NAMES[value.dtype]
    data = value.detach().contiguous().numpy().astype("<" + {"float32": "f4", "float64": "f8", "int32": "i4"}[name])
    return {"dtype": name, "shape": list(value.shape), "data": base64.b64encode(data.tobytes()).decode("ascii")}


def made_with():
    return {"script": "tests/golden/make_golden.py", "torch": torch.__version__, "python": platform.python_version(),
            "machine": platform.machine()}


def make_family(family):
    config = {"family": family, **SIZES, **FAMILIES[family]}
    torch.manual_seed(config["seed"])
    model = Gpt(config)
    randomize(model)
    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    batch = make_batch(config["vocab_size"])
    names = ("inputs", "targets", "padding_mask", "loss_mask")
    return {
        "made_with": made_with(),
        "config": config,
        "optimizer": OPTIMIZER,
        "batch": {name: tensor(value) for name, value in zip(names, batch)},
        "weights": {name: tensor(value) for name, value in weights.items()},
        "float32": run(config, weights, batch, torch.float32),
        "float64": run(config, weights, batch, torch.float64),
    }


def write(name, content):
    path = HERE / name
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="ascii")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for family in FAMILIES:
        write(f"{family}.json", make_family(family))
    write("ops.json", make_operations())
