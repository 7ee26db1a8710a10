"""What the programs of the comparison share: command line, inputs, clock, memory, answer.

The command line and the JSON that is printed are those of `vadose-bench nn run`.
"""
import argparse
import json
import time

import numpy as np
from safetensors.numpy import load_file, save_file

WIDTHS, BOTTLENECK, CHANNELS = (4, 6, 8, 14), 20, 13
UPPER_BOUND = 0.60  # the output is UPPER_BOUND * sigmoid(z), m3 m-3
LEARNING_RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8
AGREED_STEPS = 4  # steps whose losses are part of a result

# Convolutions in running order; weights are [out, in, channel, row, col].
NAMES = (
    [f"encoder.{level}.conv.{conv}" for level in range(4) for conv in range(2)]
    + [f"bottleneck.conv.{conv}" for conv in range(2)]
    + [f"decoder.{level}.conv.0" for level in reversed(range(4))]
    + ["head"]
)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("inputs")
    parser.add_argument("--work", choices=("agree", "infer", "step"), required=True)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--output")
    parser.add_argument("--way", choices=("plain", "xla"), default="plain")
    return parser.parse_args()


def load(path, batch):
    """Weights by name, tiles [batch, channel, row, col] and targets [batch, row, col]."""
    tensors = load_file(path)
    x, target = tensors.pop("x"), tensors.pop("target")
    return tensors, x[:batch].copy(), target[:batch].copy()


def save(path, output, gradients, losses):
    """Output and gradients before the first step, and the losses of a few."""
    arrays = dict(zip((f"{name}.{kind}" for name in NAMES for kind in ("weight", "bias")), gradients, strict=True))
    arrays["output"], arrays["losses"] = output, losses
    save_file({name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}, path)


def seconds(call, runs):
    """Seconds of `runs` calls, after one that is not counted."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def peak_bytes():
    """Most memory that the process has held."""
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def answer(version, times, before):
    print(json.dumps({"version": version, "seconds": times, "before_bytes": before, "peak_bytes": peak_bytes()}))
