# requirements: pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6 pandas==3.1.1
"""Golden values of short-term and long-term anomalies.

From this folder:

    pip install pytesmo==0.18.1 scipy==1.17.1 numpy==2.4.6 pandas==3.1.1
    python generate.py > values.json

Times are hours since 1970-01-01T00Z. The climatology and the anomalies from it both count 1 March as day 61 of
every year (`respect_leap_years=False`); pytesmo's defaults differ from each other in this, so that its
anomalies of common years would be off by a day from March on.
"""

import json
import math

import numpy as np
import pandas as pd
from pytesmo.time_series.anomaly import calc_anomaly, calc_climatology


def series():
    """Named times in hours and values; NaN marks a missing value."""
    rng = np.random.default_rng(20150811)

    def soil_moisture(hours):
        season = 0.25 + 0.08 * np.sin(2 * np.pi * hours / 8766.0)
        return season + 0.03 * rng.standard_normal(len(hours))

    # 1 January 2015 is day 16436. Three years, of which 2016 is a leap year.
    daily = 24 * (16436 + np.arange(1096)) + 6
    values = soil_moisture(daily)
    values[rng.choice(1096, 200, replace=False)] = np.nan
    yield "daily_with_gaps", daily, values

    # Revisits after one, two or three days, at the same hour: no distance is 17.5 days exactly.
    revisits = 24 * (16436 + np.cumsum(rng.integers(1, 4, 400))) + 6
    yield "revisits", revisits, soil_moisture(revisits)

    junes = np.concatenate([24 * (day + np.arange(30)) + 6 for day in (16587, 16953, 17318)])
    yield "three_junes", junes, soil_moisture(junes)

    # No distance is 17.5 or 2.5 days exactly, where the rounding of Julian days decides in pytesmo: 420 and
    # 60 hours are no multiples of 11.
    every_eleven_hours = 24 * 16436 + 11 * np.arange(600)
    yield "every_eleven_hours", every_eleven_hours, soil_moisture(every_eleven_hours)


def listed(values):
    return [None if math.isnan(value) else float(value) for value in values]


def main():
    cases = []
    for name, hours, values in series():
        index = pd.to_datetime(hours * 3600, unit="s")
        peer = pd.Series(values, index=index)
        climatology = calc_climatology(peer, respect_leap_years=False)
        long_term = calc_anomaly(peer, climatology=climatology, respect_leap_years=False)
        cases.append(
            {
                "name": name,
                "hours": [int(hour) for hour in hours],
                "values": listed(values),
                "short_term": listed(calc_anomaly(peer).values),
                "climatology": listed(climatology.values),
                "long_term": listed(long_term.values),
            }
        )
    print(json.dumps(cases, indent=0))


if __name__ == "__main__":
    main()
