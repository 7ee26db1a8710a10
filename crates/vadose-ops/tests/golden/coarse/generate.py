# requirements: numpy==2.1.3 scipy==1.14.1
"""Golden values of D and its transpose. Peers: numpy 2.1.3, scipy 1.14.1 (Python 3.11).

    pip install numpy==2.1.3 scipy==1.14.1 && python generate.py

Writes mask.txt, map.txt, residual.txt (inputs) and coarse_*.txt, adjoint_*.txt (answers), one row
of the array per line, beside this file.
"""

from pathlib import Path

import numpy as np
from scipy import ndimage

ROWS, COLS, FACTOR, MIN_VALID = 49, 67, 9, 41
SIGMA = 9 / (2 * np.sqrt(2 * np.log(2)))
FILTERS = {
    "none": lambda a: a,
    "box": lambda a: ndimage.uniform_filter(a, size=9, mode="constant"),
    "gaussian": lambda a: ndimage.gaussian_filter(a, SIGMA, mode="constant", radius=12),
}

rng = np.random.default_rng(20240707)
rows, cols = np.mgrid[:ROWS, :COLS]
lake = (rows - 14) ** 2 + (cols - 22) ** 2 < 90
coast = cols > 58 + 4 * np.sin(rows / 5)
mask = (~lake & ~coast & (rng.random((ROWS, COLS)) > 0.1)).astype(float)
field = 0.22 + 0.08 * np.sin(rows / 7) * np.cos(cols / 9) + 0.03 * rng.standard_normal((ROWS, COLS))
# Stored in f32, so that both sides start from the same numbers.
field = field.astype(np.float32).astype(float)

m, n = ROWS // FACTOR, COLS // FACTOR


def cells(a):
    """Sum over the whole coarse cells."""
    return a[: m * FACTOR, : n * FACTOR].reshape(m, FACTOR, n, FACTOR).sum(axis=(1, 3))


residual = rng.standard_normal((m, n)).astype(np.float32).astype(float)
valid = cells(mask) >= MIN_VALID
posted = np.zeros((ROWS, COLS))

out = Path(__file__).parent
save = lambda name, a: np.savetxt(out / f"{name}.txt", a, fmt="%.9g")
save("mask", mask)
save("map", field)
save("residual", residual)
for name, low_pass in FILTERS.items():
    coverage = low_pass(mask)
    smooth = np.divide(low_pass(mask * field), coverage, out=np.zeros_like(field), where=mask > 0)
    coarse = np.where(valid, cells(mask * smooth) / np.maximum(cells(mask), 1), np.nan)
    save(f"coarse_{name}", coarse)
    scaled = np.where(valid, residual / np.maximum(cells(mask), 1), 0)
    posted[: m * FACTOR, : n * FACTOR] = np.kron(scaled, np.ones((FACTOR, FACTOR)))
    weighted = np.divide(mask * posted, coverage, out=np.zeros_like(field), where=mask > 0)
    save(f"adjoint_{name}", mask * low_pass(weighted))
