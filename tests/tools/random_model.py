#!/usr/bin/env python3
"""Writes a model folder of any size with random weights, to measure loading, planning and training.

    random_model.py CONFIG.json OUT --cli build/dev/bin/lacuna-cli [--tokenizer DIR] [--sparse]

The names and shapes come from `lacuna-cli inspect`, so that every family works. Weights are bfloat16
of sizes around 0.02. --sparse writes the header and leaves the rest a hole: such a file costs no
disk, all its weights are zero.
"""
import argparse
import json
import os
import pathlib
import shutil
import struct
import subprocess

BLOCK = 1 << 24  # bytes


def header(tensors):
    """Bytes in front of the data, and the data's size."""
    entries, offset = {"__metadata__": {"format": "pt"}}, 0
    for tensor in tensors:
        size = 2
        for extent in tensor["shape"]:
            size *= extent
        entries[tensor["name"]] = {"dtype": "BF16", "shape": tensor["shape"],
                                   "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text, offset


def random_block(size):
    """bfloat16 numbers of random sign between 2^-7 and 2^-6: exponent 120, random mantissa."""
    mantissas = bytes(i & 0x7F for i in range(256))
    signs = bytes((i & 0x80) | 0x3C for i in range(256))
    block = bytearray(os.urandom(size))
    block[0::2] = block[0::2].translate(mantissas)
    block[1::2] = block[1::2].translate(signs)
    return block


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--tokenizer", type=pathlib.Path)
    parser.add_argument("--sparse", action="store_true")
    options = parser.parse_args()

    options.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(options.config, options.out / "config.json")
    for file in options.tokenizer.glob("*token*") if options.tokenizer else []:
        shutil.copy(file, options.out)
    weights = options.out / "model.safetensors"
    weights.write_bytes(header([{"name": "none", "shape": [1]}])[0] + bytes(2))
    told = subprocess.run([options.cli, "inspect", options.out, "--json"], capture_output=True,
                          check=False, text=True)
    tensors = json.loads(told.stdout)["tensors"]["missing"]
    start, size = header(tensors)
    with open(weights, "wb") as file:
        file.write(start)
        if options.sparse:
            file.truncate(len(start) + size)
        else:
            for first in range(0, size, BLOCK):
                file.write(random_block(min(BLOCK, size - first)))
    print(f"{options.out}: {len(tensors)} tensors, {size} bytes")


if __name__ == "__main__":
    main()
