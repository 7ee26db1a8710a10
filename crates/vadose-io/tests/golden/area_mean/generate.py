# requirements: numpy==2.4.6 rasterio==1.4.4
# arguments: tests/data/rasters
"""Area means of two real rasters on cells of M01, by GDAL's warper.

Peer: rasterio 1.4.4 with the GDAL of its wheel, what `gdalwarp -r average -t_srs EPSG:6933` does.
Run: python generate.py tests/data/rasters > values.csv
"""

import sys
from pathlib import Path

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject

CELL_M = 1000.89502334956
UPPER_LEFT_M = (-17367530.4451615, 7314540.8306386)
# Raster, its system where the file has none, first row and column, rows and columns on M01.
CASES = [
    ("srtm_boulder_ascii_grid.tif", "EPSG:4326", 2587, 7187, 12, 10),
    ("S1A__IW___A_20150309T173017_VV_grd_mli_geo_norm_db.tif", None, 2259, 17784, 5, 8),
]


def main():
    print("file,row,col,mean")
    for name, declared, row0, col0, rows, cols in CASES:
        with rasterio.open(Path(sys.argv[1]) / name) as raster:
            source = raster.read(1).astype("float64")
            source[source == raster.nodata] = np.nan
            transform, crs = raster.transform, raster.crs or CRS.from_user_input(declared)
        window = Affine(
            CELL_M, 0, UPPER_LEFT_M[0] + col0 * CELL_M, 0, -CELL_M, UPPER_LEFT_M[1] - row0 * CELL_M
        )
        means = np.full((rows, cols), np.nan)
        reproject(
            source,
            means,
            src_transform=transform,
            src_crs=crs,
            src_nodata=np.nan,
            dst_transform=window,
            dst_crs="EPSG:6933",
            dst_nodata=np.nan,
            resampling=Resampling.average,
        )
        for row in range(rows):
            for col in range(cols):
                print(f"{name},{row0 + row},{col0 + col},{means[row, col]:.6f}")


if __name__ == "__main__":
    main()
