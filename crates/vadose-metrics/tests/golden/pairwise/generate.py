# requirements: pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6 hydroeval==0.1.0
"""Golden values of the pairwise metrics, from peers that share no code with ours.

Made with Python 3.11, pytesmo 0.18.1, scipy 1.17.1, numpy 2.4.6, hydroeval 0.1.0. From this folder:

    pip install pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6 hydroeval==0.1.0
    python generate.py > values.json

Each series goes to a peer in the order that the peer documents: pytesmo's bias and RMSD take
(estimate, reference), its Nash-Sutcliffe efficiency takes (reference, estimate), and hydroeval's
kge takes (estimate, reference).
"""

import json
import math

import hydroeval
import numpy as np
from pytesmo.metrics import pairwise
from scipy import stats


def series():
    """Named pairs of estimate and reference; NaN marks a missing member."""
    rng = np.random.default_rng(20150811)

    def soil_moisture(n, noise, gain=1.0, offset=0.0):
        reference = 0.25 + 0.08 * np.sin(np.arange(n) / 7.0) + 0.03 * rng.standard_normal(n)
        return gain * reference + offset + noise * rng.standard_normal(n), reference

    yield "smooth", soil_moisture(30, 0.03)
    yield "biased_and_stretched", soil_moisture(200, 0.02, gain=1.4, offset=0.05)
    estimate, reference = soil_moisture(250, 0.04)
    yield "tied_by_rounding", (np.round(estimate, 2), np.round(reference, 2))
    yield "five_levels_each", (
        rng.integers(1, 6, 80).astype(float),
        rng.integers(1, 6, 80).astype(float),
    )
    estimate, reference = soil_moisture(60, 0.03)
    estimate[rng.choice(60, 9, replace=False)] = np.nan
    reference[rng.choice(60, 11, replace=False)] = np.nan
    yield "with_gaps", (estimate, reference)
    reference = 250.0 + 0.01 * rng.standard_normal(100)
    yield "large_mean_small_spread", (reference + 0.004 * rng.standard_normal(100), reference)
    reference = rng.standard_normal(50)
    yield "opposed", (-0.7 * reference + 0.3 * rng.standard_normal(50) + 0.1, reference)
    yield "two_pairs", (np.array([0.1, 0.3]), np.array([0.2, 0.25]))


def metrics(estimate, reference):
    valid = np.isfinite(estimate) & np.isfinite(reference)
    e, r = estimate[valid], reference[valid]
    mse, mse_corr, mse_bias, mse_var = pairwise.mse_decomposition(e, r)
    assert math.isclose(mse, mse_corr + mse_bias + mse_var, rel_tol=1e-9)
    return {
        "n": int(valid.sum()),
        "dropped": int((~valid).sum()),
        "bias": float(pairwise.bias(e, r)),
        "rmse": float(pairwise.rmsd(e, r)),
        "ubrmse": float(pairwise.ubrmsd(e, r)),
        "mae": float(pairwise.aad(e, r)),
        "r": float(stats.pearsonr(e, r)[0]),
        "spearman": float(stats.spearmanr(e, r)[0]),
        "kendall": float(stats.kendalltau(e, r, variant="b")[0]),
        "nse": float(pairwise.nash_sutcliffe(r, e)),
        "kge": float(np.ravel(hydroeval.kge(e, r))[0]),
        "mse_correlation": float(mse_corr),
        "mse_variance": float(mse_var),
        "mse_bias": float(mse_bias),
    }


def listed(values):
    return [None if math.isnan(value) else float(value) for value in values]


def main():
    cases = [
        {
            "name": name,
            "estimate": listed(estimate),
            "reference": listed(reference),
            "expected": metrics(estimate, reference),
        }
        for name, (estimate, reference) in series()
    ]
    print(json.dumps(cases, indent=0))


if __name__ == "__main__":
    main()
