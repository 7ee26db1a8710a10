# requirements: torch==2.8.0 numpy==2.4.6
"""Golden values of single convolutions: PyTorch 2.8.0, forward and backward, in float64 on the CPU.

Needs: Python 3.11, torch 2.8.0, numpy 2.4.6.   Run: python generate.py > values.json

Sizes are odd on purpose: widths around the vectors of every instruction set, features around the
register blocks, thin and deep volumes. Inputs are closed formulas, which the test repeats; for each
result its sum, its norm and a few values are stored.
"""
import json, math, sys
import torch
import torch.nn.functional as F

assert torch.__version__.startswith("2.8.0"), torch.__version__
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

# x [batch, feature, depth, row, col], output features, kernel, padding
CASES = [
    ((1, 1, 1, 1, 1), 1, (3, 3, 3), (1, 1, 1)),
    ((2, 3, 2, 3, 15), 5, (3, 3, 3), (1, 1, 1)),
    ((1, 2, 16, 2, 17), 7, (3, 3, 3), (1, 1, 1)),
    ((1, 5, 3, 4, 255), 4, (3, 3, 3), (1, 1, 1)),
    ((1, 4, 2, 3, 257), 6, (3, 3, 3), (1, 1, 1)),
    ((3, 33, 2, 3, 9), 1, (1, 3, 3), (0, 1, 1)),
    ((1, 1, 5, 7, 33), 33, (1, 1, 1), (0, 0, 0)),
    ((2, 6, 13, 5, 31), 2, (13, 1, 1), (0, 0, 0)),
    ((1, 13, 6, 8, 64), 8, (3, 3, 3), (1, 1, 1)),
    ((1, 3, 5, 6, 10), 2, (2, 4, 2), (0, 0, 0)),
]


def wave(shape, scale, phase):
    """value[k] = scale * sin(phase + 0.37 k^2), k in row-major order: no two look alike."""
    k = torch.arange(math.prod(shape), dtype=torch.float64)
    return (scale * torch.sin(phase + 0.37 * k * k)).reshape(shape)


def summary(tensor):
    flat = tensor.detach().flatten()
    step = max(1, flat.numel() // 16)
    numbers = {"sum": flat.sum().item(), "norm": flat.norm().item()}
    return {k: rounded(v) for k, v in numbers.items()} | {
        "step": step,
        "values": [rounded(v) for v in flat[::step].tolist()],
    }


def rounded(value):
    return float(f"{value:.12e}")


def run(shape, outputs, kernel, padding):
    x = wave(shape, 1.0, 0.1).requires_grad_()
    weight = wave((outputs, shape[1], *kernel), 0.5, 0.2).requires_grad_()
    bias = wave((outputs,), 0.1, 0.3).requires_grad_()
    y = F.conv3d(x, weight, bias, padding=padding)
    (y * wave(y.shape, 1.0, 0.6)).sum().backward()
    return {
        "x": shape,
        "out_features": outputs,
        "kernel": kernel,
        "padding": padding,
        "output": summary(y),
        "input_gradient": summary(x.grad),
        "weight_gradient": summary(weight.grad),
        "bias_gradient": summary(bias.grad),
    }


json.dump([run(*case) for case in CASES], sys.stdout, separators=(",", ":"))
print()
