"""D and its adjoint with scipy.ndimage and numpy, in f32, as one writes them there.

`…-kept` keeps the filtered mask between calls; the plain forms filter it each time.
"""
import duel
import numpy as np
import scipy
from scipy import ndimage

FACTOR, MIN_VALID, RADIUS = 9, 41, 12
SIGMA = 9 / (2 * np.sqrt(2 * np.log(2)))


def low_pass(field):
    return ndimage.gaussian_filter(field, SIGMA, mode="constant", radius=RADIUS)


def cells(field):
    """Sums over the coarse cells."""
    rows, cols = field.shape
    return field.reshape(rows // FACTOR, FACTOR, cols // FACTOR, FACTOR).sum(axis=(1, 3))


def divided(field, coverage, mask):
    return np.divide(field, coverage, out=np.zeros_like(field), where=mask > 0)


def forward(inputs, keeps):
    mask, field = inputs["mask"], inputs["map"]
    kept = low_pass(mask) if keeps else None

    def call():
        smooth = divided(low_pass(mask * field), kept if keeps else low_pass(mask), mask)
        count = cells(mask)
        return np.where(count >= MIN_VALID, cells(mask * smooth) / np.maximum(count, 1), 0)

    return call, lambda found: {"result": found}


def adjoint(inputs, keeps):
    mask, coarse = inputs["mask"], inputs["coarse"]
    kept = low_pass(mask) if keeps else None

    def call():
        count = cells(mask)
        scaled = np.where(count >= MIN_VALID, coarse / np.maximum(count, 1), 0)
        posted = scaled.repeat(FACTOR, axis=0).repeat(FACTOR, axis=1)
        return mask * low_pass(divided(mask * posted, kept if keeps else low_pass(mask), mask))

    return call, lambda found: {"result": found}


duel.run(
    {
        "forward": lambda inputs: forward(inputs, False),
        "adjoint": lambda inputs: adjoint(inputs, False),
        "forward-kept": lambda inputs: forward(inputs, True),
        "adjoint-kept": lambda inputs: adjoint(inputs, True),
    },
    scipy.__version__,
)
