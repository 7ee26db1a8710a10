# requirements: pyarrow==26.0.1 pandas==3.1.1
# arguments: crates/vadose-io/tests/data/uscrn/crn_2020_june_12_stations.parquet.gz
"""Golden values of USCRN's daily table, read by pyarrow.

From the workspace's root, with the table of the second comment line as argument:

    pip install pyarrow==26.0.1 pandas==3.1.1
    python crates/vadose-io/tests/golden/uscrn/generate.py TABLE > values.json
"""

import json
import sys

import pandas as pd

table = pd.read_parquet(sys.argv[1], engine="pyarrow")
stations = []
for wban, rows in table.groupby("wban"):
    moisture = rows["soil_moisture_5_daily"]
    stations.append({
        "wban": wban,
        "lat_deg": rows["latitude"].iloc[0],
        "lon_deg": rows["longitude"].iloc[0],
        "first_date": str(rows["lst_date"].iloc[0].date()),
        "last_date": str(rows["lst_date"].iloc[-1].date()),
        "n_days": len(rows),
        "n_valid": int(moisture.count()),
        "sum_m3m3": float(moisture.sum()),
        "sum_temperature_celsius": float(rows["soil_temp_5_daily"].sum()),
    })
json.dump(stations, sys.stdout, indent=1)
print()
