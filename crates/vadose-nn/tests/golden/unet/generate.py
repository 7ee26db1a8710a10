# requirements: torch==2.8.0 numpy==2.4.6
"""Golden values of the network: PyTorch 2.8.0, forward and backward, in float64 on the CPU.

Needs: Python 3.11, torch 2.8.0, numpy 2.4.6.   Run: python generate.py > values.json

Inputs and weights are closed formulas, which the test repeats; only results are stored. The
topology is written out here on its own, from the published layer table, so that it
checks ours. Small cases store every gradient whole; the case `paper` stores for each tensor its
sum, its norm and a few values. The output of `paper` is stored every third row and column.
"""
import json, math, sys
import torch
import torch.nn.functional as F

assert torch.__version__.startswith("2.8.0"), torch.__version__
torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def wave(shape, scale, phase):
    """value[k] = scale * sin(phase + 0.37 k^2), k in row-major order: no two look alike."""
    n = math.prod(shape)
    k = torch.arange(n, dtype=torch.float64)
    return (scale * torch.sin(phase + 0.37 * k * k)).reshape(shape)


class Net:
    """widths, bottleneck, kernel, (encoder, bottleneck, decoder) convolutions, skip, head kernel."""

    def __init__(self, channels, widths, bottleneck, kernel, convs, skip, head):
        self.skip, self.widths, self.convs = skip, widths, convs
        self.weights, self.order = {}, []
        features = 1
        for level, width in enumerate(widths):
            for conv in range(convs[0]):
                features = self.add(f"encoder.{level}.conv.{conv}", features, width, kernel)
        for conv in range(convs[1]):
            features = self.add(f"bottleneck.conv.{conv}", features, bottleneck, kernel)
        for level, width in reversed(list(enumerate(widths))):
            features += width if skip == "concatenate" else 0
            for conv in range(convs[2]):
                features = self.add(f"decoder.{level}.conv.{conv}", features, width, kernel)
        self.add("head", features, 1, (channels, *head))

    def add(self, name, inputs, outputs, kernel):
        shape = (outputs, inputs, *kernel)
        # The variance is kept through ReLU; the head stays off the flat ends of the sigmoid.
        scale = math.sqrt((0.4 if name == "head" else 4.0) / math.prod(shape[1:]))
        number = len(self.order)
        self.weights[f"{name}.weight"] = wave(shape, scale, 0.5 + number).requires_grad_()
        self.weights[f"{name}.bias"] = wave((outputs,), 0.1, 0.9 + number).requires_grad_()
        self.order.append(name)
        return outputs

    def conv(self, name, x, padding):
        return F.conv3d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], padding=padding)

    def block(self, name, x, n):
        for conv in range(n):
            kernel = self.weights[f"{name}.conv.{conv}.weight"].shape[2:]
            x = F.relu(self.conv(f"{name}.conv.{conv}", x, tuple(k // 2 for k in kernel)))
        return x

    def forward(self, x, upper):
        x, skips = x.unsqueeze(1), []
        for level in range(len(self.widths)):
            x = self.block(f"encoder.{level}", x, self.convs[0])
            skips.append(x)
            x = F.max_pool3d(x, (1, 2, 2))
        x = self.block("bottleneck", x, self.convs[1])
        for level in reversed(range(len(self.widths))):
            x = F.interpolate(x, scale_factor=(1, 2, 2), mode="nearest")
            skip = skips.pop()
            x = torch.cat([x, skip], 1) if self.skip == "concatenate" else x + skip
            x = self.block(f"decoder.{level}", x, self.convs[2])
        rows, cols = self.weights["head.weight"].shape[3:]
        z = self.conv("head", x, (0, rows // 2, cols // 2))[:, 0, 0]
        return upper * torch.sigmoid(z)


CASES = {
    "paper_tiny": ((3, (2, 3), 4, (3, 3, 3), (2, 2, 1), "concatenate", (1, 1)), (2, 3, 8, 12)),
    "planar_tiny": ((3, (2, 2), 2, (1, 3, 3), (3, 2, 3), "concatenate", (3, 3)), (2, 3, 8, 12)),
    "additive_tiny": ((3, (3, 3), 3, (3, 3, 3), (3, 2, 3), "add", (3, 3)), (2, 3, 16, 16)),
    "paper": ((13, (4, 6, 8, 14), 20, (3, 3, 3), (2, 2, 1), "concatenate", (1, 1)), (1, 13, 32, 32)),
}


def summary(tensor):
    flat = tensor.detach().flatten()
    step = max(1, flat.numel() // 8)
    return {"sum": flat.sum().item(), "norm": flat.norm().item(), "step": step, "values": flat[::step].tolist()}


def whole(tensor):
    return tensor.detach().flatten().tolist()


def run(arguments, shape):
    net = Net(*arguments)
    x = wave(shape, 1.0, 0.2).requires_grad_()
    upper = 0.5 + wave((shape[0], *shape[2:]), 0.1, 0.4)
    y = net.forward(x, upper)
    # A weighted sum reaches every output with a different gradient.
    (y * wave(y.shape, 1.0, 0.6)).sum().backward()
    small = len(net.widths) < 4
    out = {
        "parameters": sum(w.numel() for w in net.weights.values()),
        "output": whole(y if small else y[:, ::3, ::3]),
        "input_gradient": whole(x.grad) if small else summary(x.grad),
        "gradients": {k: whole(w.grad) if small else summary(w.grad) for k, w in sorted(net.weights.items())},
    }
    return out


def rounded(value):
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, list):
        return [rounded(v) for v in value]
    return float(f"{value:.12e}") if isinstance(value, float) else value


json.dump({name: rounded(run(*case)) for name, case in CASES.items()}, sys.stdout, separators=(",", ":"))
print()
