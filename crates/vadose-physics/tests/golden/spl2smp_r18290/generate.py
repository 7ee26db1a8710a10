# requirements: h5py==3.16.0 numpy==2.4.6
# arguments: tests/data/smap/SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5
"""Extracts the cells that NASA retrieved from one SPL2SMP half orbit into values.csv.

Made with Python 3.11, h5py 3.16.0, numpy 2.4.6. From this folder:

    python generate.py [GRANULE] > values.csv

GRANULE defaults to the file under the workspace's tests/data/smap. Every number is a float32 of
the file, printed with nine significant digits, so that reading it back gives the same float32.
"""

import sys
from pathlib import Path

import h5py

GRANULE = "SMAP_L2_SM_P_02802_A_20150811T030828_R18290_001.h5"
WORKSPACE = Path(__file__).resolve().parents[5]
COLUMNS = [
    "tb_h_corrected",
    "tb_v_corrected",
    "clay_fraction",
    "bulk_density",
    "surface_temperature",
    "roughness_coefficient",
    "albedo",
    "vegetation_opacity_option1",
    "vegetation_opacity_option2",
    "vegetation_opacity_option3",
    "roughness_coefficient_option3",
    "albedo_option3",
    "soil_moisture_option1",
    "soil_moisture_option2",
    "soil_moisture_option3",
]
FILL = -9999.0


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else WORKSPACE / "tests/data/smap" / GRANULE
    with h5py.File(path) as granule:
        group = granule["Soil_Moisture_Retrieval_Data"]
        fields = [group[name][...] for name in COLUMNS]
        row = group["EASE_row_index"][...]
        col = group["EASE_column_index"][...]
        land_cover = group["landcover_class"][:, 0]
    options = fields[-3:]
    print(",".join(["ease_row", "ease_col", "landcover_class", *COLUMNS]))
    for i in range(row.size):
        if all(option[i] == FILL for option in options):
            continue
        values = [f"{field[i]:.9g}" for field in fields]
        print(",".join([str(row[i]), str(col[i]), str(land_cover[i]), *values]))


if __name__ == "__main__":
    main()
