#!/usr/bin/env python3
"""Writes hf_gpt2_f16/ and hf_llama_bf16/ beside this script: tiny models as the files that people share, and their logits.

    /usr/bin/python3 tests/golden/make_hugging_face_folders.py

Each folder has config.json, safetensors in 16 bits (the Llama in two files with an index) and expected.json: token ids and the logits
that the rounded weights give in float64. The models are those of make_hugging_face.py with other weights; the safetensors are written by
hand here, with the masks that old GPT-2 files have and without the prefix of its names.
"""

import json
import struct

import torch

from make_golden import HERE, made_with, tensor
from make_hugging_face import GPT2, IDS, LLAMA, gpt2_logits, gpt2_shapes, llama_logits, llama_shapes

NAMES = {torch.float16: "F16", torch.bfloat16: "BF16", torch.uint8: "U8"}


def safetensors(path, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, value in tensors.items():
        raw = value.contiguous().flatten()
        raw = bytes(raw.view(torch.int16).numpy().astype("<i2").tobytes() if raw.dtype != torch.uint8 else raw.numpy().tobytes())
        header[name] = {"dtype": NAMES[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write(folder, config, shapes, logits, dtype, seed, parts):
    torch.manual_seed(seed)
    folder.mkdir(exist_ok=True)
    weights = {}
    for name, shape in shapes(config).items():
        is_gain = name.endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight"))
        weights[name] = ((1.0 if is_gain else 0.0) + 0.2 * torch.randn(shape)).to(dtype)
    ids = torch.tensor(IDS)
    expected = {
        "made_with": made_with() | {"script": "tests/golden/make_hugging_face_folders.py"},
        "inputs": tensor(ids),
        "logits": tensor(logits(config, {name: value.double() for name, value in weights.items()}, ids)),
    }
    (folder / "config.json").write_text(json.dumps(config | {"torch_dtype": str(dtype).removeprefix("torch.")}, indent=1) + "\n")
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    if parts == 1:
        shared = {name.removeprefix("transformer."): value for name, value in weights.items()}
        for i in range(config["n_layer"]):
            shared[f"h.{i}.attn.bias"] = torch.ones(1, 1, 10, 10, dtype=torch.uint8).tril()
        safetensors(folder / "model.safetensors", shared)
        return
    names = list(weights)
    place = {name: f"model-{1 + i * parts // len(names):05}-of-{parts:05}.safetensors" for i, name in enumerate(names)}
    for file in sorted(set(place.values())):
        safetensors(folder / file, {name: weights[name] for name in names if place[name] == file})
    size = sum(2 * value.numel() for value in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write(HERE / "hf_gpt2_f16", GPT2, gpt2_shapes, gpt2_logits, torch.float16, 41, 1)
    write(HERE / "hf_llama_bf16", LLAMA, llama_shapes, llama_logits, torch.bfloat16, 42, 2)
