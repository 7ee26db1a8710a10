# requirements: none
# inputs elsewhere: NSIDC's grid files
"""Size, cell and corner of the grids, from NSIDC's own definitions.

Input: the EASE2_*.gpd files (cell, corner and size) and ease2_grid_info.pro (cell and size, also of
grids that have no .gpd here). Cells of the 25 km family are left out of the latter: it holds the
scale from before the correction of 2014-03-05. Python 3.11, standard library only.
Run: python generate.py FOLDER > values.csv
"""

import pathlib
import re
import sys

GPD_KEYS = (
    "Grid Width",
    "Grid Height",
    "Grid Map Units per Cell",
    "Map Origin X",
    "Map Origin Y",
)
BEFORE_CORRECTION = ("EASE2_M25km", "EASE2_M12.5km")
NOT_OFFERED = re.compile(r"EASE2_([NSM]6\.25|N100)km")


def main():
    folder = pathlib.Path(sys.argv[1])
    print("source,grid,cols,rows,cell_m,left_m,top_m")
    for path in sorted(folder.glob("EASE2_*.gpd")):
        fields = {}
        for line in path.read_text().splitlines():
            key, _, value = line.split(";")[0].partition(":")
            fields[key.strip()] = value.strip()
        print("gpd", path.stem, *(fields[key] for key in GPD_KEYS), sep=",")
    info = (folder / "ease2_grid_info.pro").read_text()
    entry = re.compile(r"gpd: '([^']+)'.*?map_scale_m: ([0-9.]+)D.*?cols: (\d+)L, rows: (\d+)L", re.S)
    for name, cell, cols, rows in entry.findall(info):
        name = name.removesuffix("KM") + "km"
        if not NOT_OFFERED.fullmatch(name):
            print("info", name, cols, rows, "" if name in BEFORE_CORRECTION else cell, "", "", sep=",")


if __name__ == "__main__":
    main()
