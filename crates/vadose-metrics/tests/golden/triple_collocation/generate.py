# requirements: pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6
"""Golden values of triple collocation.

Made with Python 3.11, pytesmo 0.18.1, scipy 1.17.1, numpy 2.4.6. From this folder:

    pip install pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6
    python generate.py > values.json

The first data set is the reference of the scaling (`ref_ind` 0, pytesmo's default).
"""

import json
import math

import numpy as np
from pytesmo.metrics import tcol_metrics


def series():
    """Named triplets of data sets; NaN marks a missing member."""
    rng = np.random.default_rng(20150811)

    def datasets(n, noise, gain=(1.0, 1.0, 1.0), offset=(0.0, 0.0, 0.0)):
        truth = 0.25 + 0.05 * rng.standard_normal(n)
        return [g * truth + o + s * rng.standard_normal(n) for g, o, s in zip(gain, offset, noise)]

    yield "alike", datasets(200, (0.03, 0.03, 0.03))
    yield "scaled", datasets(500, (0.02, 0.04, 3.0), (1.0, 0.7, 100.0), (0.0, 0.1, -5.0))
    yield "opposed", datasets(300, (0.02, 0.02, 0.03), (1.0, -0.8, 1.2))
    # No error in x: sampling makes an error variance negative.
    yield "noisy", datasets(12, (0.0, 0.12, 0.12))
    gaps = datasets(80, (0.03, 0.02, 0.04))
    for dataset in gaps:
        dataset[rng.choice(80, 7, replace=False)] = np.nan
    yield "with_gaps", gaps


def listed(values):
    return [None if math.isnan(value) else float(value) for value in values]


def main():
    cases = []
    for name, datasets in series():
        valid = np.all(np.isfinite(datasets), axis=0)
        snr_db, error_std, scaling = tcol_metrics(*(dataset[valid] for dataset in datasets))
        cases.append(
            {
                "name": name,
                "datasets": [listed(dataset) for dataset in datasets],
                "n": int(valid.sum()),
                "snr_db": listed(snr_db),
                "error_std": listed(error_std),
                "scaling": listed(scaling),
            }
        )
    assert any(None in case["error_std"] for case in cases)
    print(json.dumps(cases, indent=0))


if __name__ == "__main__":
    main()
