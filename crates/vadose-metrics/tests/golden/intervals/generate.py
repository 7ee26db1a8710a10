# requirements: pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6
"""Golden values of the analytic intervals for independent samples.

Made with Python 3.11, pytesmo 0.18.1, scipy 1.17.1, numpy 2.4.6. From this folder:

    pip install pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6
    python generate.py > values.json

Estimate and reference go to pytesmo in this order. Its interval of Kendall's tau takes 0.431 as a standard
error; the default of ours is computed here from the published variance 0.437 / (n - 4).
"""

import json

import numpy as np
from pytesmo.metrics import pairwise, with_analytical_ci
from scipy import stats

METRICS = {
    "bias": "bias",
    "ubrmse": "ubrmsd",
    "r": "pearson_r",
    "spearman": "spearman_r",
    "kendall_pytesmo": "kendall_tau",
}


def series():
    """Named pairs of estimate and reference."""
    rng = np.random.default_rng(20150811)
    ten = (
        [0.12, 0.18, 0.25, 0.31, 0.22, 0.15, 0.10, 0.28, 0.35, 0.20],
        [0.10, 0.20, 0.22, 0.35, 0.20, 0.17, 0.08, 0.25, 0.40, 0.23],
    )
    yield "ten", np.array(ten[0]), np.array(ten[1])
    for n in (5, 30, 200, 1000):
        reference = 0.25 + 0.06 * rng.standard_normal(n)
        yield f"n_{n}", reference + 0.03 + 0.05 * rng.standard_normal(n), reference


def kendall_fieller(estimate, reference, alpha):
    tau = pairwise.kendall_tau(estimate, reference)
    half = stats.norm.ppf(1 - alpha / 2) * np.sqrt(0.437 / (len(estimate) - 4))
    return [float(np.tanh(np.arctanh(tau) - half)), float(np.tanh(np.arctanh(tau) + half))]


def intervals(estimate, reference, alpha):
    found = {
        ours: [float(end) for end in with_analytical_ci(peer, estimate, reference, alpha)[1:]]
        for ours, peer in METRICS.items()
    }
    found["kendall"] = kendall_fieller(estimate, reference, alpha)
    return found


def main():
    cases = [
        {
            "name": name,
            "estimate": list(map(float, estimate)),
            "reference": list(map(float, reference)),
            "p95": intervals(estimate, reference, 0.05),
            "p80": intervals(estimate, reference, 0.2),
        }
        for name, estimate, reference in series()
    ]
    print(json.dumps(cases, indent=0))


if __name__ == "__main__":
    main()
