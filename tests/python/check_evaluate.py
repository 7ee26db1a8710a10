"""Recomputes the tables of `vadose evaluate` from its samples, and the samples from the cube and the truth.

    python check_evaluate.py RUN CUBE ARCHIVE

RUN is what `vadose evaluate CUBE --truth ARCHIVE -o RUN` wrote, ARCHIVE one of `vadose simulate`. An
assertion fails with what was found; success prints one line a check. Nothing of the project is imported: maps
are read with xarray, and figures are computed from their definitions.
"""

import csv
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import xarray as xr

TRUTH = "true_soil_moisture"
FIXED = ["population", "station", "network", "row", "col", "time", "observed", "reference"]
# Sums of some ten values below 1 in f64, in another order.
MAX_METRIC_ERROR = 1e-10
# Floors that an interval chooses from, m3 m-3.
FLOORS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
CELL_M = 1000.89502334956
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)


def main():
    run, cube, archive = (Path(path) for path in sys.argv[1:4])
    samples = read(run / "samples.csv")
    methods = [name for name in samples[0] if name not in FIXED and not name.endswith("_spread")]
    config = json.loads((run / "evaluation.json").read_text())["config"]
    min_rows = {one["name"]: one.get("min_rows", config["min_rows"]) for one in config["comparisons"]}
    check_skill(run, samples, min_rows)
    check_coverage(run, samples)
    with xr.open_zarr(cube / "cube.zarr") as maps, xr.open_zarr(archive / "truth.zarr") as truth:
        check_samples(samples, cube, maps, truth)
        with xr.open_zarr(run / "maps.zarr") as drawn:
            check_maps(drawn, methods, maps, truth)


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text else np.nan


def check_skill(run, samples, min_rows):
    """Every figure of a station, and what is said of all stations together."""
    columns = {name: np.array([number(row[name]) for row in samples]) for name in samples[0] if name not in FIXED[:6]}
    populations = np.array([row["population"] for row in samples])
    stations = np.array([row["station"] for row in samples])
    skill, losses = defaultdict(dict), {}
    for row in read(run / "skill.csv"):
        skill[row["comparison"], row["population"]][row["method"]] = row
    for row in read(run / "losses.csv"):
        losses[row["comparison"], row["population"], row["method"]] = row
    of_stations = {
        (row["comparison"], row["population"], row["method"], row["station"]): row for row in read(run / "stations.csv")
    }
    n_stations = 0
    for (comparison, population), methods in skill.items():
        of_population = populations == population
        has = np.array([np.isfinite(columns[method]) for method in methods])
        shared = of_population & has.all(axis=0)
        names, counts = np.unique(stations[shared], return_counts=True)
        names = names[counts >= min_rows[comparison]]
        for at, (method, summary) in enumerate(methods.items()):
            lost = losses[comparison, population, method]
            alone = of_population & ~has[at] & np.delete(has, at, axis=0).all(axis=0)
            found = [int(lost[key]) for key in ("rows", "shared_rows", "missing", "missing_here_only")]
            expected = [of_population.sum(), shared.sum(), (of_population & ~has[at]).sum(), alone.sum()]
            assert found == expected, f"{comparison} {population} {method}: {found}, but {expected}"
            figures = []
            for name in names:
                rows = shared & (stations == name)
                figures.append(metrics(columns[method][rows], columns["reference"][rows]))
                found = of_stations.pop((comparison, population, method, name))
                where = f"{comparison} {population} {method} {name}"
                assert int(found["n"]) == rows.sum(), f"{where}: {found['n']}, but {rows.sum()}"
                for metric, value in figures[-1].items():
                    same(number(found[metric]), value, f"{where} {metric}")
                n_stations += 1
            assert int(summary["stations"]) == len(names), f"{comparison} {method}: {summary['stations']}"
            for metric in ("r", "ubrmse", "bias", "rmse"):
                values = np.array([one[metric] for one in figures])
                values = values[np.isfinite(values)]
                expected = {"median": 0.5, "q25": 0.25, "q75": 0.75}
                for key, share in expected.items():
                    value = np.quantile(values, share) if len(values) else np.nan
                    same(number(summary[f"{metric}_{key}"]), value, f"{comparison} {method} {metric} {key}")
    assert not of_stations, f"stations too many: {list(of_stations)[:3]}"
    assert n_stations, "no station is scored"
    print(f"skill: {n_stations} stations of {len(skill)} comparisons")


def check_coverage(run, samples):
    """Intervals of test stations: floor from training stations, factor from those of the validation."""

    def errors(method, population):
        """By station: absolute errors and spreads."""
        of_station = defaultdict(list)
        for row in samples:
            pair = number(row[method]) - number(row["reference"]), number(row[f"{method}_spread"])
            if row["population"] == population and np.isfinite(pair).all():
                of_station[row["station"]].append(pair)
        return [np.abs(np.array(pairs).T) for _, pairs in sorted(of_station.items())]

    def factor(stations, level, floor):
        """The score at which weights of 1 / (stations + 1), shared by the values of a station, reach the level."""
        scores = [(score, 1 / len(error)) for error, spread in stations for score in error / np.hypot(spread, floor)]
        scores, weights = np.array(sorted(scores)).T
        reached = np.cumsum(weights) / (len(stations) + 1)
        return scores[np.searchsorted(reached, level - MAX_METRIC_ERROR)]

    def width(stations, level, floor):
        return factor(stations, level, floor) * sum(np.hypot(spread, floor).sum() for _, spread in stations)

    checked = 0
    for row in read(run / "coverage.csv"):
        if row["reference"] != "stations":
            continue
        method, level, floor = row["method"], float(row["level"]), float(row["floor_m3m3"])
        train, validation, test = (errors(method, of) for of in ("train", "validation", "test"))
        narrowest = min(width(train, level, other) for other in FLOORS)
        same(width(train, level, floor), narrowest, f"{method} {level}: width with the floor {floor}")
        expected = factor(validation, level, floor)
        same(number(row["factor"]), expected, f"{method} {level}: factor")
        held = [(error <= expected * np.hypot(spread, floor) * (1 + MAX_METRIC_ERROR)).mean() for error, spread in test]
        same(number(row["coverage"]), np.mean(held), f"{method} {level}: coverage")
        checked += 1
    assert checked > 0, "no intervals"
    print(f"coverage: {checked} intervals of test stations")


def metrics(estimate, reference):
    """Of one station, from their definitions; R is missing where a series is constant."""
    error = estimate - reference
    deviations = [series - series.mean() for series in (estimate, reference)]
    constant = np.ptp(estimate) == 0 or np.ptp(reference) == 0
    covariance = (deviations[0] * deviations[1]).mean()
    return {
        "bias": error.mean(),
        "rmse": np.sqrt((error**2).mean()),
        "ubrmse": np.sqrt(((error - error.mean()) ** 2).mean()),
        "r": np.nan if constant else covariance / np.sqrt(np.prod([(one**2).mean() for one in deviations])),
    }


def same(found, expected, what):
    if np.isnan(expected):
        assert np.isnan(found), f"{what}: {found}, but missing"
    else:
        assert abs(found - expected) < MAX_METRIC_ERROR, f"{what}: {found}, but {expected}"


def equal(found, expected):
    return found == expected or (np.isnan(found) and np.isnan(expected))


def corner(dataset):
    """Row and column of the first cell on the global grid."""
    row = round((UPPER_LEFT_M[1] - float(dataset.y[0])) / CELL_M - 0.5)
    return row, round((float(dataset.x[0]) - UPPER_LEFT_M[0]) / CELL_M - 0.5)


def check_samples(samples, cube, maps, truth):
    """References and products of every row, from the station table, the cube and the truth."""
    observed = {
        (row["date"], row["row"], row["col"]): float(row["soil_moisture"]) for row in read(cube / "observations.csv")
    }
    fields = {
        name: maps[name].values
        for name in ("spl2smap_s_soil_moisture", "spl2smp_e_soil_moisture", "l4_soil_moisture", "tb_v")
    }
    days = {str(day)[:19] + "Z": idx for idx, day in enumerate(maps.time.values.astype("datetime64[s]"))}
    true_days = {str(day)[:19] + "Z": idx for idx, day in enumerate(truth.time.values.astype("datetime64[s]"))}
    true_field = truth["soil_moisture"].values
    (row0, col0), (true_row0, true_col0) = corner(maps), corner(truth)
    n_of = defaultdict(int)
    for sample in samples:
        row, col, time = int(sample["row"]), int(sample["col"]), sample["time"]
        if sample["population"] == "truth":
            expected = true_field[true_days[time], row - true_row0, col - true_col0]
        else:
            expected = observed[time[:10], sample["row"], sample["col"]]
        what = f"{sample['station']} {time}"
        assert np.float32(sample["reference"]) == np.float32(expected), f"{what}: {sample['reference']}, but {expected}"
        day, at = days[time], (row - row0, col - col0)
        assert np.isfinite(fields["tb_v"][day][at]), f"{what}: no brightness temperature"
        coarse = at[0] // 9, at[1] // 9
        for method, value in {
            "spl2smap_s": fields["spl2smap_s_soil_moisture"][day][at],
            "spl2smp_e": fields["spl2smp_e_soil_moisture"][day][coarse],
            "l4_nearest": fields["l4_soil_moisture"][day][coarse],
        }.items():
            found = np.float32(number(sample[method]))
            assert equal(found, value), f"{what} {method}: {found}, but {value}"
        n_of[sample["population"]] += 1
    assert set(n_of) == {"train", "validation", "test", "truth"}, n_of
    print(f"samples: {dict(n_of)} equal the cube, its stations and the truth")


def check_maps(drawn, methods, maps, truth):
    """Every method has its map, and those that can be computed otherwise are what they must be."""
    assert set(drawn.data_vars) - {"crs"} == {*methods, TRUTH}, set(drawn.data_vars)
    assert drawn.sizes["time"] == 1 and drawn.sizes["x"] == maps.sizes["x"] and drawn.sizes["y"] == maps.sizes["y"]
    assert (drawn.x.values == maps.x.values).all() and (drawn.y.values == maps.y.values).all()
    day, true_day = maps.sel(time=drawn.time[0]), truth.sel(time=drawn.time[0])
    nested = np.repeat(np.repeat(day["l4_soil_moisture"].values, 9, axis=0), 9, axis=1)
    for name, expected in {
        TRUTH: true_day["soil_moisture"].values,
        "spl2smap_s": day["spl2smap_s_soil_moisture"].values,
        "l4_nearest": nested,
    }.items():
        assert np.array_equal(drawn[name].values[0], expected, equal_nan=True), name
    for name in methods:
        assert drawn[name].attrs["units"] == "m3 m-3", name
    print(f"maps: {len(methods)} methods and the truth on {str(drawn.time.values[0])[:10]}")


if __name__ == "__main__":
    main()
