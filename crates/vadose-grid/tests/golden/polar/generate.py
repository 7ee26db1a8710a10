# requirements: mpmath==1.4.1
"""Multiprecision coordinates of the polar azimuthal equal-area projections, EPSG:6931 and 6932.

Peer: mpmath 1.4.1 (BSD-3-Clause), 60 digits, textbook formula with its logarithm.
Run: python generate.py > values.csv
"""

from mpmath import atanh, cos, mp, mpf, nstr, radians, sin, sqrt

mp.dps = 60
A = mpf(6378137)
F = 1 / mpf("298.257223563")
E2 = F * (2 - F)
E = sqrt(E2)


def q(s):
    """Snyder (1987), eq. 3-12."""
    return (1 - E2) * (s / (1 - E2 * s * s) + atanh(E * s) / E)


def project(epsg, lat_deg, lon_deg):
    """Snyder (1987), eqs. 24-23, 21-30, 21-31. Coordinates are the exact values of the doubles."""
    lat, lon = radians(mpf(lat_deg)), radians(mpf(lon_deg))
    towards = 1 if epsg == 6931 else -1
    rho = A * sqrt(q(mpf(1)) - towards * q(sin(lat)))
    return rho * sin(lon), -towards * rho * cos(lon)


def main():
    # Ever closer to the pole, then the rest of the globe up to near the antipode.
    distances = [10.0**-k for k in range(0, 14)] + [3.0 * 10.0**-k for k in range(0, 13)]
    lats = [90.0] + sorted((90.0 - d for d in distances), reverse=True)
    lats += [89.0 - 7.25 * n for n in range(1, 25)] + [-89.0]
    lons = [0.0, 12.5, 45.0, 90.0, 133.7, 180.0, -0.001, -60.3, -90.0, -179.999]
    print("epsg,lat_deg,lon_deg,x_m,y_m")
    for epsg, sign in ((6931, 1.0), (6932, -1.0)):
        for n, lat in enumerate(lats):
            for lon in (lons[n % len(lons)], lons[(3 * n + 4) % len(lons)]):
                x, y = project(epsg, sign * lat, lon)
                print(epsg, repr(sign * lat), repr(lon), nstr(x, 25), nstr(y, 25), sep=",")


if __name__ == "__main__":
    main()
