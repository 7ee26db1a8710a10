# requirements: ismn==1.5.4 pandas==3.1.1 numpy==2.4.6
# arguments: crates/vadose-io/tests/data/ismn/smosmania_header_values.zip crates/vadose-io/tests/data/ismn/cosmos_header_values.zip crates/vadose-io/tests/data/ismn/cosmos_fr_aqui_ceop.zip crates/vadose-io/tests/data/ismn/maqu_scan_soilscape_header_values.zip
"""Golden values of the station archives, read by TU Wien's own reader.

From the workspace's root, with the archives of the second comment line as arguments:

    pip install ismn==1.5.4 pandas==3.1.1 numpy==2.4.6
    python crates/vadose-io/tests/golden/ismn/generate.py ARCHIVE... > values.json

One entry a series: what the reader says of it, and of its values the count, the first, the last and
the mean; the number of values by text of the ISMN flag; and the means over the days (UTC) of the
values whose flag is G or U alone: how many days, their mean, and the first and last of them.
"""

import json
import sys
from pathlib import Path

from ismn.base import IsmnRoot
from ismn.filehandlers import DataFile, StaticMetaFile

SOIL = ["saturation", "clay_fraction", "sand_fraction", "silt_fraction", "organic_carbon"]
CLASSES = ["lc_2000", "lc_2005", "lc_2010", "climate_KG"]


def static_variables(root, path, depth):
    """What the reader takes from the table of the station for the depth of the sensor."""
    tables = [name for name in root.zip.namelist()
              if str(Path(name).parent) == str(Path(path).parent) and name.endswith(".csv")]
    if not tables:
        return None
    metadata = StaticMetaFile(root, tables[0]).metadata.best_meta_for_depth(depth)
    values = {name: float(metadata[name].val) for name in SOIL}
    return values | {name: str(metadata[name].val) for name in CLASSES}


def series(root, path):
    file = DataFile(root, path)
    data = file.read_data()
    metadata = file.metadata
    variable = metadata["variable"].val
    values, flags = data[variable], data[f"{variable}_flag"]
    daily = values[flags.isin(["G", "U"])].astype("float64").resample("1D").mean().dropna()
    instrument = metadata["instrument"]
    return {
        "archive": root.path.name,
        "path": path,
        "format": file.file_type,
        "station": metadata["station"].val,
        "variable": variable,
        "sensor": instrument.val,
        "depth_in_file_m": [instrument.depth.start, instrument.depth.end],
        "lat_deg": metadata["latitude"].val,
        "lon_deg": metadata["longitude"].val,
        "elevation_m": metadata["elevation"].val,
        "n": len(values),
        "first": [data.index[0].strftime("%Y-%m-%dT%H:%M:%SZ"), float(values.iloc[0])],
        "last": [data.index[-1].strftime("%Y-%m-%dT%H:%M:%SZ"), float(values.iloc[-1])],
        "mean": float(values.mean()),
        "flags": {flag: int(n) for flag, n in sorted(flags.value_counts().items())},
        "n_provider_flags": int(data[f"{variable}_orig_flag"].notna().sum()),
        "n_days": len(daily),
        "mean_of_days": float(daily.mean()) if len(daily) else None,
        "first_day": [str(daily.index[0].date()), float(daily.iloc[0])] if len(daily) else None,
        "last_day": [str(daily.index[-1].date()), float(daily.iloc[-1])] if len(daily) else None,
        "static": static_variables(root, path, instrument.depth),
    }


def main(archives):
    entries = []
    for archive in archives:
        root = IsmnRoot(Path(archive))
        names = sorted(name for name in root.zip.namelist() if name.endswith(".stm"))
        entries += [series(root, name) for name in names]
    json.dump(entries, sys.stdout, indent=1)
    print()


main(sys.argv[1:])
