"""Reads a cube as its users do, and computes what it must hold from the archive that it was built of.

    python check_cube.py CUBE ARCHIVE [CELLS]

CUBE is a folder of `vadose build`, ARCHIVE one of `vadose simulate`. An assertion fails with what was
found; success prints one line a check. Nothing of the project is imported: granules are read with
h5py, rasters with rasterio, stations line by line, and positions come from NSIDC's definition of the grid.
"""

import csv
import io
import re
import sys
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import h5py
import numpy as np
import pyproj
import rasterio
import rasterio.warp
import xarray as xr

CELL_M = 1000.89502334956
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)
FILL = -9999.0
# NSIDC gives the cell to 1e-11 m; times 35,000 cells that is nothing.
MAX_POSITION_ERROR_M = 1e-3
# Values that are copied or averaged from f32: a few roundings.
MAX_RELATIVE_ERROR = 2e-6
# GDAL's average takes pixels by their centres or in part, ours by exact overlap: cells of 1 km hold
# 4 to 16 pixels, so that their means differ by a share of the variation within the cell.
MAX_RASTER_MEDIAN_ERROR = {"clay_fraction": 0.005, "bulk_density": 0.01, "elevation": 4.0}
# Stations of a cell are averaged in f64 and written as f32.
MAX_STATION_ERROR = 1e-6
J2000 = datetime(2000, 1, 1, 12, tzinfo=timezone.utc) - timedelta(seconds=69.184 - 5.0)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def main():
    cube, archive = Path(sys.argv[1]), Path(sys.argv[2])
    n_cells = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    rng = np.random.default_rng(1)
    with xr.open_zarr(cube / "cube.zarr", decode_coords="all") as dataset:
        place = Place(dataset)
        print(f"{dataset.sizes['time']} days, {dataset.sizes['y']} x {dataset.sizes['x']} cells, EPSG:6933")
        check_selection(dataset, rng)
        check_static(dataset, place, archive)
        picks = pick(dataset, rng, n_cells)
        check_radiometer(dataset, place, archive, picks)
        check_radar(dataset, place, archive, picks)
        check_analysis(dataset, place, archive, picks)
        check_precipitation(dataset.precipitation, place.days, place, archive, picks)
        if place.lead_days:
            check_lead_days(place)
            picks = pick(dataset, rng, n_cells, "lead_time")
            check_precipitation(dataset.antecedent_precipitation, place.lead_days, place, archive, picks)
        check_stations(dataset, place, cube, archive)


class Place:
    """Where the cube's cells lie on the global grid, and when its days are."""

    def __init__(self, dataset):
        x, y = dataset.x.values, dataset.y.values
        cols = np.round((x - UPPER_LEFT_M[0]) / CELL_M - 0.5)
        rows = np.round((UPPER_LEFT_M[1] - y) / CELL_M - 0.5)
        assert np.abs(x - UPPER_LEFT_M[0] - (cols + 0.5) * CELL_M).max() < MAX_POSITION_ERROR_M
        assert np.abs(UPPER_LEFT_M[1] - (rows + 0.5) * CELL_M - y).max() < MAX_POSITION_ERROR_M
        self.row0, self.col0 = int(rows[0]), int(cols[0])
        assert self.row0 % 9 == 0 and self.col0 % 9 == 0, "the cube does not nest in 9 km cells"
        crs = pyproj.CRS.from_cf(dataset.crs.attrs)
        assert crs.to_epsg(min_confidence=25) == 6933, crs
        to_degrees = pyproj.Transformer.from_crs(crs, 4326, always_xy=True)
        self.lon = np.asarray(to_degrees.transform(x, np.zeros_like(x))[0])
        self.lat = np.asarray(to_degrees.transform(np.zeros_like(y), y)[1])
        self.days = moments(dataset.time)
        self.lead_days = moments(dataset.lead_time) if "lead_time" in dataset.coords else []
        # 9 km coordinates are the means of their nine.
        assert np.abs(dataset.x_9km.values - x.reshape(-1, 9).mean(axis=1)).max() < MAX_POSITION_ERROR_M
        assert np.abs(dataset.y_9km.values - y.reshape(-1, 9).mean(axis=1)).max() < MAX_POSITION_ERROR_M

    def day_of(self, moment):
        """Index of the local solar day of a pass; None outside the cube's days."""
        gaps = [abs((moment - day).total_seconds()) for day in self.days]
        nearest = int(np.argmin(gaps))
        return nearest if gaps[nearest] < 12 * 3600 else None

    def descending(self, day, col):
        """6 h local solar time of a column on a day."""
        return self.six(self.days[day], self.lon[col])

    def six(self, day, lon):
        """6 h local solar time of a longitude on a day, given by its time, to the second."""
        midday = self.lon[len(self.lon) // 2]
        nominal = day + timedelta(hours=round(midday / 15.0))
        date = datetime(nominal.year, nominal.month, nominal.day, tzinfo=timezone.utc)
        return date + timedelta(seconds=round((6 - lon / 15.0) * 3600))


def moments(axis):
    """The times of an axis."""
    nanoseconds = axis.values.astype("datetime64[ns]").astype("int64")
    return [datetime.fromtimestamp(int(t) / 1e9, timezone.utc) for t in nanoseconds]


def pick(dataset, rng, n_cells, time="time"):
    """Random days, rows and columns."""
    sizes = [dataset.sizes[axis] for axis in (time, "y", "x")]
    return [tuple(rng.integers(size) for size in sizes) for _ in range(n_cells)]


def check_selection(dataset, rng):
    """Selection by coordinates gives the cell that lies there."""
    field = dataset.tb_v
    assert field.dims == ("time", "y", "x") and field.attrs["units"] == "K", field
    day, row, col = (int(rng.integers(field.sizes[axis])) for axis in field.dims)
    there = field.sel(
        time=field.time.values[day], x=field.x.values[col] + 300, y=field.y.values[row] - 300, method="nearest"
    )
    assert np.array_equal(there.values, field[day, row, col].values, equal_nan=True)
    print("selection by time, x and y gives the cell that lies there")


def agree(name, got, wanted, at):
    """One value of the cube beside the one computed here."""
    if np.isnan(wanted) or np.isnan(got):
        assert np.isnan(wanted) == np.isnan(got), f"{name} at {at}: {got}, wanted {wanted}"
        return 0
    assert abs(got - wanted) <= MAX_RELATIVE_ERROR * max(abs(wanted), 1e-3), f"{name} at {at}: {got}, wanted {wanted}"
    return 1


def read(group, name, valid=None):
    """A dataset as f64, missing and out of range as NaN."""
    values = group[name][...].astype("f8")
    values[values == FILL] = np.nan
    if valid:
        with np.errstate(invalid="ignore"):
            values[(values < valid[0]) | (values > valid[1])] = np.nan
    return values


def granules(archive, product):
    return sorted((archive / "smap" / product).glob("*/*.h5"))


def start_of(path, idx):
    stamps = re.findall(r"\d{8}T\d{6}", path.name)
    return datetime.strptime(stamps[idx], "%Y%m%dT%H%M%S").replace(tzinfo=timezone.utc)


def check_radiometer(dataset, place, archive, picks):
    """TB, temperature and vegetation: the nested 9 km cell of the pass nearest to 6 h local solar time."""
    wanted_days = sorted({day for day, *_ in picks})
    maps = {}  # day -> (row9, col9) -> (gap, values)
    for path in granules(archive, "SPL2SMP_E"):
        day = place.day_of(start_of(path, 0))
        if day not in wanted_days or "_D_" not in path.name:
            continue
        with h5py.File(path) as file:
            group = file["Soil_Moisture_Retrieval_Data"]
            rows, cols = group["EASE_row_index"][...], group["EASE_column_index"][...]
            seconds = read(group, "tb_time_seconds")
            values = {
                "tb_h": read(group, "tb_h_corrected", (0, 330)),
                "tb_v": read(group, "tb_v_corrected", (0, 330)),
                "surface_temperature": read(group, "surface_temperature", (0, 350)),
                "vegetation_water_content": read(group, "vegetation_water_content", (0, 20)),
            }
            for polarisation in "hv":
                bad = group[f"tb_qual_flag_{polarisation}"][...] & 1 == 1
                values[f"tb_{polarisation}"][bad] = np.nan
        for i, cell in enumerate(zip(rows.tolist(), cols.tolist())):
            col = min(max(cell[1] * 9 + 4 - place.col0, 0), len(place.lon) - 1)
            gap = abs(seconds[i] - (place.descending(day, col) - J2000).total_seconds())
            best = maps.setdefault(day, {}).get(cell)
            if best is None or gap < best[0]:
                maps[day][cell] = (gap, {name: field[i] for name, field in values.items()})
    n = 0
    for day, row, col in picks:
        cell = ((place.row0 + row) // 9, (place.col0 + col) // 9)
        _, values = maps.get(day, {}).get(cell, (0, None))
        for name in ("tb_h", "tb_v", "surface_temperature", "vegetation_water_content"):
            got = float(dataset[name][day, row, col])
            n += agree(name, got, np.nan if values is None else values[name], (day, row, col))
    assert n > 0, "no value of the radiometer was compared"
    print(f"radiometer: {n} values of {len(picks)} cells and days equal the granules'")


def check_radar(dataset, place, archive, picks):
    """Backscatter: the mean of the scenes of the day, in linear units."""
    by_day = {}
    for path in granules(archive, "SPL2SMAP_S"):
        day = place.day_of(start_of(path, 0))
        if day is not None:
            by_day.setdefault(day, []).append(path)
    n = n_observed = 0
    for wanted_day in sorted({day for day, *_ in picks}):
        found = {}
        for path in by_day.get(wanted_day, []):
            with h5py.File(path) as file:
                group = file["Soil_Moisture_Retrieval_Data_1km"]
                rows = group["EASE_row_index_1km"][...].astype(int)
                cols = group["EASE_column_index_1km"][...].astype(int)
                place_of = rows < 65534
                row0 = rows[place_of].min() - place.row0
                col0 = cols[place_of].min() - place.col0
                fields = {
                    "sigma0_vv": read(group, "sigma0_vv_aggregated_1km", (0, 10)),
                    "sigma0_vh": read(group, "sigma0_vh_aggregated_1km", (0, 10)),
                    "sigma0_incidence_angle": read(group, "sigma0_incidence_angle_1km", (0, 90)),
                    "spl2smap_s_soil_moisture": read(group, "soil_moisture_1km", (0, 0.75)),
                }
            for day, row, col in picks:
                if day != wanted_day:
                    continue
                r, c = row - row0, col - col0
                if 0 <= r < rows.shape[0] and 0 <= c < rows.shape[1]:
                    for name, field in fields.items():
                        if not np.isnan(field[r, c]):
                            found.setdefault((row, col, name), []).append(field[r, c])
        for day, row, col in picks:
            if day != wanted_day:
                continue
            mean = lambda name: np.mean(found.get((row, col, name), [np.nan]))
            for name in ("sigma0_vv", "sigma0_vh", "sigma0_incidence_angle", "spl2smap_s_soil_moisture"):
                n += agree(name, float(dataset[name][day, row, col]), mean(name), (day, row, col))
            seen = not np.isnan(mean("sigma0_vv")) and not np.isnan(mean("sigma0_vh"))
            n_observed += seen
            assert float(dataset.observed[day, row, col]) == float(seen), ("observed", day, row, col)
    assert n_observed > 0, "no cell that Sentinel-1 saw was compared"
    print(f"radar: {n} values equal the scenes', {n_observed} of {len(picks)} cells and days observed")


def check_analysis(dataset, place, archive, picks):
    """L4: the 3 h mean that holds 6 h local solar time of the cell."""
    files = {start_of(path, 0): path for path in granules(archive, "SPL4SMGP")}
    n, opened = 0, {}
    for day, row, col in picks:
        row9, col9 = row // 9, col // 9
        moment = place.descending(day, col9 * 9 + 4)
        centre = next(
            (time for time in files if timedelta(0) <= moment - (time - timedelta(minutes=90)) < timedelta(hours=3)), None
        )
        wanted = np.nan
        if centre is not None:
            if centre not in opened:
                opened[centre] = h5py.File(files[centre])
            cell = (place.row0 // 9 + row9, place.col0 // 9 + col9)
            wanted = float(opened[centre]["Geophysical_Data/sm_surface"][cell])
            wanted = np.nan if wanted == FILL or not 0 <= wanted <= 0.9 else wanted
        n += agree("l4_soil_moisture", float(dataset.l4_soil_moisture[day, row9, col9]), wanted, (day, row9, col9))
    assert n > 0, "no value of the analysis was compared"
    print(f"analysis: {n} values equal the granules'")


def check_lead_days(place):
    """Days that the cube has not, ascending, the last of them before a day that it has."""
    day = timedelta(days=1)
    assert place.lead_days == sorted(set(place.lead_days) - set(place.days)), place.lead_days
    assert place.lead_days[0] < place.days[0] and place.lead_days[-1] + day in place.days, place.lead_days
    print(f"{len(place.lead_days)} lead days from {place.lead_days[0]:%Y-%m-%d}")


def check_precipitation(field, days, place, archive, picks):
    """IMERG: the 0.1 degree box that holds the cell, summed over the 24 h that end at 6 h of its own local solar time."""
    files = {}
    for path in sorted((archive / "imerg").glob("*/*.HDF5")):
        stamp = re.search(r"(\d{8})-S(\d{6})", path.name)
        start = datetime.strptime("".join(stamp.groups()), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)
        files[start] = path
    half_hour = timedelta(minutes=30)
    by_file = {}
    for i, (day, _, col) in enumerate(picks):
        box = np.floor((place.lon[col] + 180) * 10)
        end = place.six(days[day], (box + 0.5) / 10 - 180)
        # The half hours whose middle lies within the 24 h.
        for start in files:
            if end - timedelta(hours=24) < start + half_hour / 2 <= end:
                by_file.setdefault(start, []).append(i)
    rates = [[] for _ in picks]
    for start, indices in by_file.items():
        with h5py.File(files[start]) as file:
            name = "precipitationCal" if "precipitationCal" in file["Grid"] else "precipitation"
            boxes = file[f"Grid/{name}"]
            for i in indices:
                _, row, col = picks[i]
                lon_idx = int(np.floor((place.lon[col] + 180) * 10))
                lat_idx = int(np.floor((place.lat[row] + 90) * 10))
                rate = float(boxes[0, lon_idx, lat_idx])
                if rate >= 0:
                    rates[i].append(rate)
    n = 0
    for (day, row, col), own in zip(picks, rates):
        wanted = np.mean(own) * 24 if len(own) >= 44 else np.nan
        n += agree(field.name, np.float64(field[day, row, col]), wanted, (day, row, col))
    assert n > 0, f"no value of {field.name} was compared"
    print(f"{field.name}: {n} sums equal the half hours'")


def check_static(dataset, place, archive):
    """Rasters: GDAL's own average and mode on the cube's grid."""
    transform = rasterio.transform.from_origin(
        UPPER_LEFT_M[0] + place.col0 * CELL_M, UPPER_LEFT_M[1] - place.row0 * CELL_M, CELL_M, CELL_M
    )
    shape = dataset.land_cover.shape
    rows = {
        "clay_fraction": ("clay_0-5cm_mean.tif", 1e-3, "average"),
        "bulk_density": ("bdod_0-5cm_mean.tif", 1e-2, "average"),
        "elevation": ("srtm_elevation.tif", 1.0, "average"),
        "land_cover": ("mcd12q1_lc_type1.tif", 1.0, "mode"),
    }
    for name, (file, scale, method) in rows.items():
        with rasterio.open(archive / "ancillary" / file) as source:
            own = np.full(shape, np.nan, "f4")
            rasterio.warp.reproject(
                rasterio.band(source, 1),
                own,
                dst_transform=transform,
                dst_crs="EPSG:6933",
                dst_nodata=np.nan,
                resampling=rasterio.warp.Resampling[method],
            )
        got = dataset[name].values
        assert np.isnan(got).mean() <= 0.001, f"{name}: {np.isnan(got).mean():.3f} missing"
        if method == "mode":
            own[own == 17] = 0
            share = np.mean(got == own)
            assert share > 0.95, f"{name}: {share:.3f} of the classes agree with GDAL's mode"
            print(f"{name}: {share:.3f} of the classes equal GDAL's mode")
        else:
            error = np.nanmedian(np.abs(got - own * scale))
            assert error <= MAX_RASTER_MEDIAN_ERROR[name], f"{name}: median difference {error}"
            print(f"{name}: median difference from GDAL's average {error:.2g} {dataset[name].attrs['units']}")
    layers = [dataset[name].values for name in ("clay_fraction", "bulk_density", "elevation", "land_cover")]
    land = np.all([~np.isnan(layer) for layer in layers], axis=0) & (dataset.land_cover.values != 0)
    assert np.array_equal(dataset.land.values == 1, land), "land is not what its layers say"


def stations_of(archive):
    """Surface soil moisture and what screens it, from both containers: header or CEOP lines."""
    members = {}
    for path in sorted(archive.glob("ismn/**/*.stm")):
        members[str(path)] = path.read_bytes()
    for container in archive.glob("ismn/*.zip"):
        with zipfile.ZipFile(container) as opened:
            for name in opened.namelist():
                if name.endswith(".stm"):
                    members[f"{container}/{name}"] = opened.read(name)
    for name, content in members.items():
        lines = [line for line in re.split(rb"\r\n|\n|\r", content) if line.strip()]
        lines = [line.decode().split() for line in lines]
        if len(lines[0]) == 15 and len(lines[1]) == 15:
            head = lines[0][4:12]
            rows = [(f"{t[0]} {t[1]}", float(t[12]), t[13]) for t in lines]
        else:
            head = lines[0][:8]
            rows = [(f"{t[0]} {t[1]}", float(t[2]), t[3]) for t in lines[1:]]
        _, network, station, lat, lon, _, depth_from, depth_to = head
        variable = re.search(r"_([a-z]+)_-?\d+\.\d{6}_-?\d+\.\d{6}_", Path(name).name).group(1)
        yield f"{network}/{station}", variable, float(lat), float(lon), float(depth_from), float(depth_to), rows


def check_stations(dataset, place, cube, archive):
    """Observations: the good hourly value nearest to 6 h local solar time, by station, then by cell."""
    to_grid = pyproj.Transformer.from_crs(4326, 6933, always_xy=True)
    wanted = {}
    for station, variable, lat, lon, depth_from, depth_to, rows in stations_of(archive):
        if variable != "sm" or depth_from < 0 or depth_to > 0.055:
            continue
        x, y = to_grid.transform(lon, lat)
        cell = (int((UPPER_LEFT_M[1] - y) // CELL_M), int((x - UPPER_LEFT_M[0]) // CELL_M))
        if not (0 <= cell[0] - place.row0 < dataset.sizes["y"] and 0 <= cell[1] - place.col0 < dataset.sizes["x"]):
            continue
        times = np.array([datetime.strptime(t, "%Y/%m/%d %H:%M").replace(tzinfo=timezone.utc) for t, *_ in rows])
        good = np.array([flag == "G" for *_, flag in rows])
        values = np.array([value for _, value, _ in rows])
        seconds = np.array([(t - EPOCH).total_seconds() for t in times])[good]
        values = values[good]
        for day in range(len(place.days)):
            nominal = place.days[day] + timedelta(hours=round(place.lon[len(place.lon) // 2] / 15.0))
            date = datetime(nominal.year, nominal.month, nominal.day, tzinfo=timezone.utc)
            moment = (date + timedelta(hours=6 - lon / 15.0) - EPOCH).total_seconds()
            if len(seconds) == 0:
                continue
            gap = np.abs(seconds - moment)
            if gap.min() <= 1.5 * 3600:
                wanted.setdefault((date.date().isoformat(), *cell), {}).setdefault(station, []).append(values[gap.argmin()])
    with open(cube / "observations.csv", newline="") as file:
        got = {(row["date"], int(row["row"]), int(row["col"])): row for row in csv.DictReader(file)}
    assert got, "the cube has no observation"
    screened = 0
    for key, stations in wanted.items():
        if key not in got:
            screened += 1  # frozen ground or snow, which the exclusions count
            continue
        mean = np.mean([np.mean(values) for values in stations.values()])
        names = got[key]["stations"].split(";")
        assert set(names) <= set(stations), f"{key}: {names}, wanted {sorted(stations)}"
        if set(names) == set(stations):
            value = float(got[key]["soil_moisture"])
            assert abs(value - mean) <= MAX_STATION_ERROR, f"{key}: {value}, wanted {mean}"
    assert set(got) <= set(wanted), f"observations of nothing: {sorted(set(got) - set(wanted))[:3]}"
    with open(cube / "exclusions.csv", newline="") as file:
        reasons = {row["reason"] for row in csv.DictReader(file)}
    assert screened == 0 or reasons & {"frozen", "snow"}, (screened, reasons)
    print(f"stations: {len(got)} observations equal the archive's, {screened} screened; lost by: {', '.join(sorted(reasons))}")


if __name__ == "__main__":
    main()
