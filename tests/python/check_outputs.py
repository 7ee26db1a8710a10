"""Reads the demonstration's files as their users do: xarray, rasterio, h5py, pyproj.

    python check_outputs.py OUTPUT_DIR GRANULE

An assertion fails with what was found; success prints one line a check. Nothing of the project is
imported: positions come from the granule's own row and column indices and from NSIDC's definition of
the grid, never from the code under test.
"""

import sys
import warnings
from pathlib import Path

import h5py
import numpy as np
import pyproj
import rasterio
import xarray as xr

CELL_M = {"1km": 1000.89502334956, "9km": 9008.055210146}
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)
GROUP = "Soil_Moisture_Retrieval_Data_1km"
FILL = -9999.0
# NSIDC gives the 1 km cell to 1e-11 m and the 9 km cell to 1e-9 m; times 34,704 cells that is nothing.
MAX_POSITION_ERROR_M = 1e-3
# The granule stores its coordinates as f32: 10 degrees to about 1e-6.
MAX_DEGREE_ERROR = 5e-6
DISCLAIMER = "no statement of accuracy"


def centres(kind, rows, cols):
    """Centres of cells of a global grid, metres: easting of columns, northing of rows."""
    x = UPPER_LEFT_M[0] + (cols + 0.5) * CELL_M[kind]
    y = UPPER_LEFT_M[1] - (rows + 0.5) * CELL_M[kind]
    return x, y


def on_grid(kind, x, y):
    """Row and column of cells of a global grid from their centres, which must be centres."""
    cols = np.round((x - UPPER_LEFT_M[0]) / CELL_M[kind] - 0.5)
    rows = np.round((UPPER_LEFT_M[1] - y) / CELL_M[kind] - 0.5)
    exact_x, exact_y = centres(kind, rows, cols)
    assert np.abs(x - exact_x).max() < MAX_POSITION_ERROR_M, f"{kind}: x is not on the grid"
    assert np.abs(y - exact_y).max() < MAX_POSITION_ERROR_M, f"{kind}: y is not on the grid"
    return rows.astype(int), cols.astype(int)


def check_netcdf(path, kind):
    """Convention, units, CRS and coordinates of a CF file; gives its map and its rows and columns."""
    with xr.open_dataset(path, decode_coords="all") as dataset:
        assert dataset.attrs["Conventions"] == "CF-1.11", dataset.attrs
        assert DISCLAIMER in str(dataset.attrs), "the file does not say what it does not show"
        assert dataset.attrs["history"], "no history"
        field = dataset["soil_moisture"].squeeze().load()
        assert field.attrs["units"] == "m3 m-3", field.attrs
        crs = pyproj.CRS.from_cf(dataset[field.encoding["grid_mapping"]].attrs)
        x, y = dataset["x"].values, dataset["y"].values
        assert dataset["x"].attrs["standard_name"] == "projection_x_coordinate"
    assert crs.to_epsg(min_confidence=25) == 6933, crs
    assert field.dims == ("y", "x"), field.dims
    assert np.all(np.diff(y) < 0), "row 0 is not northernmost"
    rows, cols = on_grid(kind, x, y)
    values = field.values
    valid = values[np.isfinite(values)]
    assert valid.size and 0 <= valid.min() and valid.max() <= 0.75, f"{kind}: implausible values"
    print(f"{path.name}: {values.shape}, {valid.size} valid cells, {valid.min():.3f} to {valid.max():.3f}")
    return values, rows, cols, crs


def check_cog(path, values, rows, cols):
    """The COG holds the same numbers at the same places as the NetCDF file."""
    with rasterio.open(path) as raster:
        assert raster.crs.to_epsg() == 6933, raster.crs
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert DISCLAIMER in str(raster.tags()), "the file does not say what it does not show"
        band = raster.read(1, masked=True).filled(np.nan)
        transform = raster.transform
    assert band.shape == values.shape, (band.shape, values.shape)
    assert np.array_equal(band, values, equal_nan=True), "COG and NetCDF differ"
    east, north = transform * (0.5, 0.5)
    first = centres("1km", rows[0], cols[0])
    assert abs(east - first[0]) < MAX_POSITION_ERROR_M and abs(north - first[1]) < MAX_POSITION_ERROR_M
    assert abs(transform.a - CELL_M["1km"]) < 1e-9 and abs(transform.e + CELL_M["1km"]) < 1e-9
    print(f"{path.name}: equal to the NetCDF file in every cell")


def check_position(granule, rows, cols, crs, values):
    """Every cell that the granule places lies where the granule says, in metres and in degrees."""
    with h5py.File(granule) as file:
        group = file[GROUP]
        row = group["EASE_row_index_1km"][:].astype(int)
        col = group["EASE_column_index_1km"][:].astype(int)
        lat, lon = group["latitude_1km"][:], group["longitude_1km"][:]
        soil_moisture = group["soil_moisture_1km"][:]
        recommended = group["retrieval_qual_flag_1km"][:] & 1 == 0
    placed = (lat != FILL) & (lon != FILL) & (row < 14616) & (col < 34704)
    in_map_row, in_map_col = row - rows[0], col - cols[0]
    inside = (in_map_row >= 0) & (in_map_row < len(rows)) & (in_map_col >= 0) & (in_map_col < len(cols))
    assert np.all(inside[placed]), "cells of the granule lie outside the map"
    x, y = centres("1km", row[placed], col[placed])
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    map_lon, map_lat = to_degrees.transform(x, y)
    assert np.abs(map_lon - lon[placed]).max() < MAX_DEGREE_ERROR, np.abs(map_lon - lon[placed]).max()
    assert np.abs(map_lat - lat[placed]).max() < MAX_DEGREE_ERROR, np.abs(map_lat - lat[placed]).max()
    print(f"{placed.sum()} cells lie where the granule's indices and degrees say")

    wanted = placed & recommended & (soil_moisture != FILL)
    ours = values[in_map_row[wanted], in_map_col[wanted]]
    assert np.isfinite(ours).mean() > 0.95, "the map is empty where the granule has its best cells"
    finite = np.isfinite(ours)
    correlation = np.corrcoef(ours[finite], soil_moisture[wanted][finite])[0, 1]
    # A map shifted or flipped by even a few cells does not follow the field that it was trained on.
    assert correlation > 0.7, f"the map does not follow the granule: r = {correlation:.3f}"
    print(f"{finite.sum()} recommended cells: r = {correlation:.3f} with the granule's own soil moisture")


def check_figure(path):
    """A figure decodes, is large enough to read and is no blank page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as image:
            pixels = image.read()[:3]
    _, height, width = pixels.shape
    assert 400 <= height <= 5000 and 500 <= width <= 5000, f"{path.name}: {width}×{height}"
    background = pixels[:, 0, 0][:, None, None]
    drawn = np.any(pixels != background, axis=0).mean()
    n_colours = len(np.unique(pixels.reshape(3, -1), axis=1).T)
    assert drawn > 0.01 and n_colours > 20, f"{path.name}: {drawn:.1%} drawn, {n_colours} colours"
    print(f"{path.name}: {width}×{height}, {drawn:.0%} drawn, {n_colours} colours")


def main():
    output, granule = Path(sys.argv[1]), Path(sys.argv[2])
    values, rows, cols, crs = check_netcdf(output / "soil_moisture_1km.nc", "1km")
    check_netcdf(output / "soil_moisture_9km.nc", "9km")
    check_cog(output / "soil_moisture_1km.tif", values, rows, cols)
    check_position(granule, rows, cols, crs, values)
    figures = sorted(output.glob("*.png"))
    assert len(figures) == 3, figures
    for figure in figures:
        check_figure(figure)


if __name__ == "__main__":
    main()
