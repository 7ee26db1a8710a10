# requirements: none
# inputs elsewhere: NSIDC's grid files
"""Latitudes of the rows and longitudes of the columns of EASE2_M36km, from NSIDC's own files.

Input: EASE2_M36km.lats.964x406x1.double and EASE2_M36km.lons.964x406x1.double (little-endian
doubles, 406 rows of 964 columns). Every row has one latitude and every column one longitude, which
is asserted; one of each is kept. Python 3.11, standard library only.
Run: python generate.py FOLDER > values.csv
"""

import array
import pathlib
import sys

ROWS, COLS = 406, 964


def read(path):
    values = array.array("d")
    values.frombytes(path.read_bytes())
    if sys.byteorder == "big":
        values.byteswap()
    assert len(values) == ROWS * COLS, path
    return values


def main():
    folder = pathlib.Path(sys.argv[1])
    lats = read(folder / "EASE2_M36km.lats.964x406x1.double")
    lons = read(folder / "EASE2_M36km.lons.964x406x1.double")
    for row in range(ROWS):
        for col in range(COLS):
            assert lats[row * COLS + col] == lats[row * COLS]
            assert lons[row * COLS + col] == lons[col]
    print("axis,index,degrees")
    for row in range(ROWS):
        print("row", row, repr(lats[row * COLS]), sep=",")
    for col in range(COLS):
        print("col", col, repr(lons[col]), sep=",")


if __name__ == "__main__":
    main()
