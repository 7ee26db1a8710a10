"""Reads a store of the project as its users do: xarray on zarr-python, pyproj.

    python check_zarr.py STORE

The store is the one of `zarr_store.rs` beside this folder. An assertion fails with what was found;
success prints one line a check. Nothing of the project is imported: positions come from NSIDC's
definition of the grid.
"""

import sys
from pathlib import Path

import numpy as np
import pyproj
import xarray as xr
import zarr

CELL_M = 1000.89502334956
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)
ROW0, COL0, N_ROWS, N_COLS = 2500, 7100, 70, 90
# NSIDC gives the cell to 1e-11 m; times 7,100 cells that is nothing.
MAX_POSITION_ERROR_M = 1e-4


def value(day, row, col):
    """The field that the test writes."""
    return np.where((row + col) % 5 == 0, np.nan, day * 10_000.0 + row * 100.0 + col)


def check_coordinates(dataset):
    """Where the cells lie, and when."""
    x = UPPER_LEFT_M[0] + (COL0 + np.arange(N_COLS) + 0.5) * CELL_M
    y = UPPER_LEFT_M[1] - (ROW0 + np.arange(N_ROWS) + 0.5) * CELL_M
    assert np.abs(dataset.x.values - x).max() < MAX_POSITION_ERROR_M
    assert np.abs(dataset.y.values - y).max() < MAX_POSITION_ERROR_M
    days = np.array(["2017-06-01T12:00", "2017-06-02T12:00", "2017-06-03T12:00"], "datetime64[ns]")
    assert np.array_equal(dataset.time.values.astype("datetime64[ns]"), days), dataset.time
    assert pyproj.CRS.from_cf(dataset.crs.attrs).to_epsg(min_confidence=25) == 6933
    assert "crs" in dataset.coords, "the projection is no coordinate"
    print("coordinates: x and y of NSIDC's grid, three dates, EPSG:6933")


def check_field(dataset):
    """Values, missing values, selection by coordinate, attributes."""
    field = dataset.soil_moisture
    assert field.dims == ("time", "y", "x") and field.dtype == np.float32, field
    assert field.attrs["units"] == "m3 m-3" and field.attrs["long_name"], field.attrs
    row, col = np.mgrid[:N_ROWS, :N_COLS]
    for day in (0, 1):
        assert np.array_equal(field[day].values, value(day, row, col), equal_nan=True), day
    assert field[2].isnull().all(), "the day that was not written is not missing"
    cell = field.sel(time="2017-06-02T12:00", method="nearest").sel(
        x=dataset.x.values[41] + 300, y=dataset.y.values[7] - 300, method="nearest"
    )
    assert cell.item() == value(1, 7, 41), cell
    print(f"soil_moisture: every value of two days, {int(field.isnull().sum())} missing, selection")


def check_classes(dataset, path):
    """Integers with a declared missing value."""
    raw = zarr.open_group(path)["land_cover"][:]
    assert raw.dtype == np.uint8 and (raw == 255).sum() == N_COLS, raw
    shown = dataset.land_cover.values
    assert np.isnan(shown).sum() == N_COLS and np.nanmax(shown) == 16, shown
    assert dataset.land_cover.attrs["flag_meanings"].startswith("water "), dataset.land_cover.attrs
    print("land_cover: 255 is missing, classes 0 to 16")


def main():
    path = Path(sys.argv[1])
    # `consolidated=True` fails where the store was not finished.
    with xr.open_zarr(path, consolidated=True, decode_coords="all") as dataset:
        assert dataset.attrs["Conventions"] == "CF-1.11" and dataset.attrs["title"], dataset.attrs
        check_coordinates(dataset)
        check_field(dataset)
        check_classes(dataset, path)
    with xr.open_zarr(path, consolidated=False) as dataset:
        assert set(dataset.data_vars) >= {"soil_moisture", "land_cover"}, dataset
    print("the same arrays without consolidated metadata")


if __name__ == "__main__":
    main()
