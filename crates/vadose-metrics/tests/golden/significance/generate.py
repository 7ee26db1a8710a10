# requirements: scipy==1.17.1 numpy==2.4.6 statsmodels==0.14.6
"""Golden values of Wilcoxon's signed-rank test and of Holm's correction.

From this folder:

    pip install scipy==1.17.1 numpy==2.4.6 statsmodels==0.14.6
    python generate.py > values.json
"""

import json

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests


def pairs():
    """Named pairs of challenger and baseline."""
    rng = np.random.default_rng(20150811)
    for name, n, gain in (("eight", 8, 0.3), ("exact", 50, 0.2), ("normal", 120, 0.1)):
        baseline = rng.standard_normal(n)
        yield name, baseline + gain + rng.standard_normal(n), baseline
    # Small whole numbers: ties and zeros.
    yield "tied", rng.integers(0, 6, 60).astype(float), rng.integers(0, 6, 60).astype(float)


def main():
    tests = []
    for name, challenger, baseline in pairs():
        found = stats.wilcoxon(challenger, baseline)
        tests.append(
            {
                "name": name,
                "challenger": list(map(float, challenger)),
                "baseline": list(map(float, baseline)),
                "smaller": float(found.statistic),
                "p_value": float(found.pvalue),
            }
        )
    p_values = list(map(float, np.random.default_rng(1).random(12) ** 3))
    corrected = multipletests(p_values, method="holm")[1]
    holm = {"p_values": p_values, "corrected": list(map(float, corrected))}
    print(json.dumps({"wilcoxon": tests, "holm": holm}, indent=0))


if __name__ == "__main__":
    main()
