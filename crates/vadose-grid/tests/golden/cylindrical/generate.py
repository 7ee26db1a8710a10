# requirements: mpmath==1.4.1
"""Multiprecision coordinates of the cylindrical equal-area projection, EPSG:6933.

Peer: mpmath 1.4.1 (BSD-3-Clause), 60 digits, textbook formula with its logarithm.
Run: python generate.py > values.csv
"""

from mpmath import atanh, cos, mp, mpf, nstr, radians, sin, sqrt

mp.dps = 60
A = mpf(6378137)
F = 1 / mpf("298.257223563")
E2 = F * (2 - F)
E = sqrt(E2)
PARALLEL = radians(mpf(30))
K0 = cos(PARALLEL) / sqrt(1 - E2 * sin(PARALLEL) ** 2)


def q(s):
    """Snyder (1987), eq. 3-12."""
    return (1 - E2) * (s / (1 - E2 * s * s) + atanh(E * s) / E)


def main():
    lats = [0.0, 1e-9, -1e-3, 30.0, 45.0, -60.0, 85.0445664, 89.0, -89.99, 90.0, -90.0]
    lats += [-88.3 + 3.71 * n for n in range(48)]
    lons = [0.0, 1e-9, -0.5, 45.0, -100.916944444, 150.0, 180.0, -180.0, 179.999999]
    print("epsg,lat_deg,lon_deg,x_m,y_m")
    for n, lat in enumerate(lats):
        lon = lons[n % len(lons)]
        x = A * K0 * radians(mpf(lon))
        y = A * q(sin(radians(mpf(lat)))) / (2 * K0)
        print(6933, repr(lat), repr(lon), nstr(x, 25), nstr(y, 25), sep=",")


if __name__ == "__main__":
    main()
