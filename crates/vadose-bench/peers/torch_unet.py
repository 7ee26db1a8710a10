"""The network `paper` in PyTorch on the CPU: see common.py for the command line."""
import torch
import torch.nn.functional as F
from torch import nn

import common

arguments = common.arguments()
torch.set_num_threads(arguments.threads)
weights, x, target = common.load(arguments.inputs, arguments.batch)
before = common.peak_bytes()


def conv(inputs, outputs):
    return nn.Conv3d(inputs, outputs, 3, padding=1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        convolutions, features = [], 1
        for width in (*common.WIDTHS, common.BOTTLENECK):
            convolutions += [conv(features, width), conv(width, width)]
            features = width
        for width in reversed(common.WIDTHS):
            convolutions.append(conv(features + width, width))
            features = width
        convolutions.append(nn.Conv3d(features, 1, (common.CHANNELS, 1, 1)))
        self.convolutions = nn.ModuleList(convolutions)

    def forward(self, x):
        convolutions, skips = iter(self.convolutions), []

        def convolve(x):
            return F.relu(next(convolutions)(x))

        for _ in common.WIDTHS:
            x = convolve(convolve(x))
            skips.append(x)
            x = F.max_pool3d(x, (1, 2, 2))
        x = convolve(convolve(x))
        for _ in common.WIDTHS:
            x = F.interpolate(x, scale_factor=(1, 2, 2), mode="nearest")
            x = convolve(torch.cat([x, skips.pop()], 1))
        return common.UPPER_BOUND * torch.sigmoid(next(convolutions)(x))[:, 0, 0]


network = Network()
with torch.no_grad():
    for convolution, name in zip(network.convolutions, common.NAMES, strict=True):
        convolution.weight.copy_(torch.from_numpy(weights[f"{name}.weight"]))
        convolution.bias.copy_(torch.from_numpy(weights[f"{name}.bias"]))
optimizer = torch.optim.Adam(
    network.parameters(), common.LEARNING_RATE, (common.BETA1, common.BETA2), common.EPSILON
)
tiles, target = torch.from_numpy(x[:, None]), torch.from_numpy(target)


def infer():
    with torch.inference_mode():
        return network(tiles)


def gradients():
    optimizer.zero_grad()
    output = network(tiles)
    loss = ((output - target) ** 2).mean()
    loss.backward()
    return output, loss


def step():
    _, loss = gradients()
    optimizer.step()
    return loss.item()


def agree():
    output, _ = gradients()
    first = [parameter.grad.numpy().copy() for parameter in network.parameters()]
    common.save(arguments.output, output.detach().numpy(), first, [step() for _ in range(common.AGREED_STEPS)])


times = []
if arguments.work == "agree":
    agree()
else:
    times = common.seconds(infer if arguments.work == "infer" else step, arguments.runs)
common.answer(torch.__version__, times, before)
