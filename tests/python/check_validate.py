"""Recomputes `vadose validate` from the granules and station files, and compares.

    python check_validate.py SUMMARY.json GRANULES STATIONS

SUMMARY.json is what `vadose validate GRANULES --stations STATIONS --json` printed, with default options;
GRANULES is a folder of SPL2SMP_E or SPL4SMGP, STATIONS a folder of ISMN archives. Nothing of the project
is imported: granules are read by h5py, stations by pandas, cells come from pyproj and NSIDC's definition of
the grid, metrics from pytesmo, quantiles from SciPy. Effective sample sizes are computed from their
definition, as sums over all pairs of samples.
"""

import io
import json
import re
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyproj
from pytesmo import metrics
from scipy import optimize, stats

CELL_M = 9008.055210146
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)
TO_METRES = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True)
J2000 = pd.Timestamp("2000-01-01T11:58:55.816")
MAX_DEPTH_M = 0.055
WINDOW = pd.Timedelta("90min")
SAME_MOMENT = pd.Timedelta("1h")
LONGEST_GAP_H = 30 * 24
# Sums of a few hundred values below 1 in f64, in another order.
MAX_METRIC_ERROR = 1e-10
# Roots and quantiles are found to this, relatively, by either side.
MAX_INTERVAL_ERROR = 1e-6
STATION_FILE = re.compile(r"_sm_(\d\.\d{6})_(\d\.\d{6})_(.+)_\d{8}_\d{8}\.stm$")


def read_series(text):
    """Position and good values of a station file in either format."""
    lines = text.splitlines()
    first = lines[0].split()
    if len(first) == 15 and len(lines[1].split()) == 15:
        table = pd.read_csv(io.StringIO(text), sep=r"\s+", header=None, dtype=str)
        lat, lon = float(first[7]), float(first[8])
        value, flag = table[12], table[13]
    else:
        table = pd.read_csv(io.StringIO(text), sep=r"\s+", header=None, dtype=str, skiprows=1)
        lat, lon = (float(word) for word in first[3:5])
        value, flag = table[2], table[3]
    time = pd.to_datetime(table[0] + " " + table[1], format="%Y/%m/%d %H:%M")
    series = pd.Series(value.astype(np.float32).astype(float).values, index=time)
    return lat, lon, series[(flag == "G").values].sort_index()


def station_files(folder):
    """Name and text of every soil moisture file, in folders and zips."""
    for path in sorted(folder.rglob("*.stm")):
        yield str(path), path.read_text()
    for path in sorted(folder.rglob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".stm"):
                    yield name, archive.read(name).decode()


def read_stations(folder):
    """Cell of M09 and surface series of each station."""
    stations = {}
    for name, text in station_files(folder):
        found = STATION_FILE.search(name)
        if not found or float(found[2]) > MAX_DEPTH_M:
            continue
        network, station = Path(name).parts[-3:-1]
        lat, lon, series = read_series(text)
        x, y = TO_METRES.transform(lon, lat)
        cell = int((UPPER_LEFT_M[1] - y) // CELL_M), int((x - UPPER_LEFT_M[0]) // CELL_M)
        stations.setdefault(f"{network}/{station}", (cell, []))[1].append(series)
    return stations


def product_values(folder, cells):
    """(time, cell, value) of every usable value of the product at the cells."""
    for path in sorted(folder.rglob("*.h5")):
        with h5py.File(path) as file:
            if "SMAP_L4_SM_gph" in path.name:
                time = pd.to_datetime(path.name.split("_")[4], format="%Y%m%dT%H%M%S")
                field = file["Geophysical_Data/sm_surface"][:]
                for cell in cells:
                    if 0 <= field[cell] <= 0.9:
                        yield time, cell, float(field[cell])
                continue
            group = file["Soil_Moisture_Retrieval_Data"]
            columns = ["EASE_row_index", "EASE_column_index", "soil_moisture"]
            row, col, value = (group[name][:] for name in columns)
            good = (value >= np.float32(0.02)) & (value <= np.float32(0.5))
            good &= group["retrieval_qual_flag"][:] & 1 == 0
            seconds = group["tb_time_seconds"][:]
        for idx in np.flatnonzero(good):
            cell = int(row[idx]), int(col[idx])
            if cell in cells:
                yield J2000 + pd.Timedelta(seconds=seconds[idx]), cell, float(value[idx])


def moments(values):
    """Values less than an hour after the first of a moment are one."""
    merged = []
    for time, value in sorted(values):
        if merged and time - merged[-1][0] < SAME_MOMENT:
            merged[-1][1].append(value)
        else:
            merged.append((time, [value]))
    return [(time, np.mean(of)) for time, of in merged]


def nearest(series, time):
    """The value nearest in time, the earlier of two, within the window."""
    near = series[time - WINDOW : time + WINDOW]
    if near.empty:
        return None
    distance = abs(near.index - time)
    return near.iloc[int(np.argmin(distance))]


def pairs(probes, values):
    """Hours, product and station, where both have a value."""
    found = []
    for time, value in moments(values):
        of_probes = [nearest(series, time) for series in probes]
        of_probes = [one for one in of_probes if one is not None]
        if of_probes:
            hour = int((time - pd.Timestamp(0)) // pd.Timedelta("1h"))
            found.append((hour, value, np.mean(of_probes)))
    return [np.array(column) for column in zip(*found)]


def effective_size(hours, phi, step):
    """n² over the sum of correlations of all pairs, each end continued at the mean distance of neighbours."""
    n = len(hours)
    lag = np.diff(hours) / step
    beyond = phi ** lag.mean()
    beyond = beyond / (1 - beyond)
    steps = np.abs(hours[:, None] - hours[None, :]) / step
    ends = phi ** steps[0] + phi ** steps[-1]
    total = (phi**steps).sum() + beyond * ends.sum()
    return min(max(n * n / total, 4), n)


def persistence(hours, values, step):
    """Correlation one step apart, from the products of neighbours at their distances."""
    deviation = values - values.mean()
    lag = np.diff(hours) / step
    products = (deviation[1:] * deviation[:-1]).sum() / deviation.var()
    if products <= 0:
        return 0.0
    return min(optimize.brentq(lambda phi: (phi**lag).sum() - products, 0, 1, xtol=1e-14), 0.9999)


def intervals(hours, estimate, reference):
    """95 % intervals of bias, ubRMSE and R, each with its effective sample size."""
    assert np.diff(hours).max() <= LONGEST_GAP_H, "one segment is assumed"
    step = np.gcd.reduce(np.diff(hours))
    difference = estimate - reference
    phi_e, phi_r, phi_d = (persistence(hours, one, step) for one in (estimate, reference, difference))
    n_bias, n_ub, n_r = (effective_size(hours, phi, step) for phi in (phi_d, phi_d**2, phi_e * phi_r))
    ub = difference.std()
    half = stats.t.ppf(0.975, n_bias - 1) * ub / np.sqrt(n_bias - 1)
    bias = difference.mean() - half, difference.mean() + half
    low, high = stats.chi2.ppf([0.025, 0.975], n_ub - 1)
    ubrmse = ub * np.sqrt(n_ub / high), ub * np.sqrt(n_ub / low)
    z = np.arctanh(np.corrcoef(estimate, reference)[0, 1])
    half = stats.norm.ppf(0.975) / np.sqrt(n_r - 3)
    return {
        "bias": (*bias, n_bias),
        "ubrmse": (*ubrmse, n_ub),
        "r": (np.tanh(z - half), np.tanh(z + half), n_r),
    }


def check_station(name, result, hours, estimate, reference):
    """One station of the summary against pytesmo; gives the number of samples."""
    skill = result["skill"]
    assert skill["n"] == len(hours), f"{name}: {skill['n']} samples, but {len(hours)}"
    expected = {
        "bias": metrics.bias(estimate, reference),
        "rmse": metrics.rmsd(estimate, reference),
        "ubrmse": metrics.ubrmsd(estimate, reference),
        "r": metrics.pearson_r(estimate, reference),
    }
    for metric, value in expected.items():
        assert abs(skill[metric] - value) < MAX_METRIC_ERROR, f"{name} {metric}: {skill[metric]}, but {value}"
    for metric, ends in intervals(hours, estimate, reference).items():
        ours = [result["intervals"][metric][key] for key in ("lower", "upper", "n_eff")]
        assert np.allclose(ours, ends, rtol=MAX_INTERVAL_ERROR, atol=0), f"{name} {metric}: {ours}, but {ends}"
    return len(hours)


def main():
    summary = json.loads(Path(sys.argv[1]).read_text())
    stations = read_stations(Path(sys.argv[3]))
    by_cell = {}
    for time, cell, value in product_values(Path(sys.argv[2]), {cell for cell, _ in stations.values()}):
        by_cell.setdefault(cell, []).append((time, value))
    results = {f"{one['network']}/{one['station']}": one for one in summary["stations"]}
    assert results.keys() == stations.keys(), results.keys() ^ stations.keys()
    n_samples, n_shrunk = [], 0
    for name, result in results.items():
        cell, probes = stations[name]
        assert (result["row"], result["col"]) == cell, f"{name}: in {result['row'], result['col']}, but {cell}"
        found = pairs(probes, by_cell.get(cell, []))
        if result["status"] == "scored":
            n_samples.append(check_station(name, result, *found))
            n_shrunk += result["intervals"]["bias"]["n_eff"] < 0.9 * len(found[0])
        else:
            n = len(found[0]) if found else 0
            assert n == (result["skill"] or {"n": 0})["n"], f"{name}: {result['status']}, but {n} samples"
    assert n_samples, "no station is scored"
    print(
        f"{summary['product']}: {len(n_samples)} stations with {min(n_samples)} to {max(n_samples)} samples equal "
        f"pytesmo, {n_shrunk} of them with an effective size below 0.9 n"
    )


if __name__ == "__main__":
    main()
