"""Metrics with intervals, and their bootstrap, with pytesmo."""
from importlib.metadata import version

import duel
import numpy as np
from pytesmo.metrics import pairwise, with_analytical_ci, with_bootstrapped_ci

ALPHA = 0.05
WITH_INTERVAL = {
    "bias": pairwise.bias,
    "ubrmse": pairwise.ubrmsd,
    "r": pairwise.pearson_r,
    "spearman": pairwise.spearman_r,
    "kendall": pairwise.kendall_tau,
}
WITHOUT = {
    "rmse": pairwise.rmsd,
    "mae": pairwise.aad,
    # It wants the reference first.
    "nse": lambda estimate, reference: pairwise.nash_sutcliffe(reference, estimate),
}
BOOTSTRAPPED = {
    "bias": pairwise.bias,
    "rmse": pairwise.rmsd,
    "ubrmse": pairwise.ubrmsd,
    "r": pairwise.pearson_r,
}
STATIONS, RESAMPLES = 4, 1000


def pairs(inputs):
    return list(zip(inputs["estimate"], inputs["reference"], strict=True))


def intervals(inputs):
    stations = pairs(inputs)

    def call():
        return [
            {name: with_analytical_ci(metric, *station, ALPHA) for name, metric in WITH_INTERVAL.items()}
            | {name: metric(*station) for name, metric in WITHOUT.items()}
            for station in stations
        ]

    def results(found):
        arrays = {name: [one[name] for one in found] for name in WITHOUT}
        for name in WITH_INTERVAL:
            for part, of in enumerate(("", " lower", " upper")):
                arrays[name + of] = [one[name][part] for one in found]
        return {name: np.array(values, np.float64) for name, values in arrays.items()}

    return call, results


def bootstrap(inputs):
    np.random.seed(20150411)
    stations = pairs(inputs)[:STATIONS]

    def call():
        return [
            {
                name: with_bootstrapped_ci(metric, *station, ALPHA, "percentile", RESAMPLES)
                for name, metric in BOOTSTRAPPED.items()
            }
            for station in stations
        ]

    def results(found):
        widths = {name: [one[name][2] - one[name][1] for one in found] for name in BOOTSTRAPPED}
        return {name: np.array(values, np.float64) for name, values in widths.items()}

    return call, results


duel.run({"intervals": intervals, "bootstrap": bootstrap}, version("pytesmo"))
