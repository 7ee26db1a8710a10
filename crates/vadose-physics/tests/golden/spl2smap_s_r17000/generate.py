# requirements: h5py==3.16.0 numpy==2.4.6
# arguments: tests/data/smap/SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5
"""Extracts the 3 km cells of whole 9 km cells from one SPL2SMAP_S granule into values.csv.

From this folder:

    python generate.py [GRANULE] > values.csv

GRANULE defaults to the file under the workspace's tests/data/smap. A 9 km cell is taken if all
nine of its 3 km cells have sigma0, a disaggregated brightness temperature and ancillary data, and
less than 1 % water. Numbers are float32 of the file with nine significant digits.
"""

import sys
from pathlib import Path

import h5py
import numpy as np

GRANULE = "SMAP_L2_SM_SP_1AIWDV_20150410T054151_20150410T052055_010E36N_R17000_001.h5"
WORKSPACE = Path(__file__).resolve().parents[5]
COLUMNS = [
    "beta_tbv_vv",
    "gamma_vv_xpol",
    "surface_temperature",
    "albedo",
    "vegetation_opacity",
    "sigma0_vv_aggregated",
    "sigma0_vh_aggregated",
    "tb_v_disaggregated",
]
LEAST = -9000.0
COLDEST_KELVIN = 200.0
MOST_WATER = 0.01


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else WORKSPACE / "tests/data/smap" / GRANULE
    with h5py.File(path) as granule:
        group = granule["Soil_Moisture_Retrieval_Data_3km"]
        fields = [group[f"{name}_3km"][...] for name in COLUMNS]
        water = group["water_body_fraction_3km"][...]
        row = group["EASE_row_index_3km"][...]
        col = group["EASE_column_index_3km"][...]
    valid = np.all([field > LEAST for field in fields], axis=0)
    valid &= (fields[2] > COLDEST_KELVIN) & (water < MOST_WATER)
    print(",".join(["row_9km", "col_9km", *COLUMNS]))
    for i in range(0, row.shape[0], 3):
        for j in range(0, row.shape[1], 3):
            block = (slice(i, i + 3), slice(j, j + 3))
            if not valid[block].all():
                continue
            for values in zip(*(field[block].ravel() for field in fields)):
                numbers = [f"{value:.9g}" for value in values]
                print(",".join([str(row[i, j] // 3), str(col[i, j] // 3), *numbers]))


if __name__ == "__main__":
    main()
