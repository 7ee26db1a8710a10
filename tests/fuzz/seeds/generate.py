# requirements: h5py==3.16.0 numpy==2.4.6
"""Writes the seeds of the fuzz targets: small, valid or nearly so, and made here, so that they may be passed on.

    python generate.py            from this folder; replaces what is there
"""

import io
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
NAME = "NET_NET_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm"
HEADER = "NET        NET             S    40.01500  -105.27050  1655.00    0.05    0.05 Probe"
RECORDS = ["2017/06/01 12:00   0.2140 G M", "2017/06/01 13:00   0.2150 D01,D03 M", "2017/06/01 14:00   -9999.0000 M M"]
PLACE = "NET        NET             S   40.01500  -105.27050  1655.00    0.05    0.05"
STATIC = (
    "quantity_name;unit;depth_from[m];depth_to[m];value;description;quantity_source_name;\r\n"
    "saturation;m^3*m^-3;0.00;0.30;0.42;;HWSD;\r\nclimate classification;;;;BSk;Arid;koeppen_geiger_2007;\r\n"
)


def put(target, name, content):
    """One seed."""
    folder = HERE / target
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def ceop(record):
    """A record with everything on its line."""
    date, time, *rest = record.split()
    return f"{date} {time} {date} {time} {PLACE}   {'   '.join(rest)}"


def names():
    put("ismn_name", "usual", f"NET/S/{NAME}")
    put(
        "ismn_name",
        "underscores",
        "SNOTEL/Bear_Lake_/SNOTEL_SNOTEL_Bear_Lake__sm_0.050800_0.050800_Hydra_probe_20170601_20170630.stm",
    )
    put("ismn_name", "blanks", "A_B/My station/A-B_A-B_My station_ts_-0.050000_0.100000_n.s..stm")


def series():
    for name, end in [("crlf", "\r\n"), ("lf", "\n"), ("cr", "\r")]:
        put("ismn_series", f"header_{name}", end.join([HEADER, *RECORDS, ""]))
        put("ismn_series", f"ceop_{name}", end.join([*map(ceop, RECORDS), ""]))
    put("ismn_series", "percent", f"{HEADER}\n2007/01/01 00:00 10.30 U M\n")
    put("ismn_series", "disorder", "\n".join([HEADER, *reversed(RECORDS), RECORDS[0]]))


def static_variables():
    put("ismn_static_variables", "usual", STATIC)
    put("ismn_static_variables", "headless", STATIC.split("\r\n", 1)[1])


def archive(members, method):
    """A zip with fixed times."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, text in members:
            info = zipfile.ZipInfo(name, (2017, 6, 1, 0, 0, 0))
            info.compress_type = method
            file.writestr(info, text)
    return buffer.getvalue()


def zips():
    text = "\r\n".join([HEADER, *RECORDS, ""])
    usual = [(f"NET/S/{NAME}", text), ("NET/S/NET_NET_S_static_variables.csv", STATIC)]
    put("ismn_zip", "deflated", archive(usual, zipfile.ZIP_DEFLATED))
    put("ismn_zip", "stored", archive(usual, zipfile.ZIP_STORED))
    put("ismn_zip", "upwards", archive([(f"../{NAME}", text)], zipfile.ZIP_STORED))
    put("ismn_zip", "bomb", archive([(NAME, HEADER + "\n" * (3 << 20))], zipfile.ZIP_DEFLATED))


def dataset(group, name, values, fill, **attributes):
    """A dataset as the mission writes it: chunked, deflated, with its fill value."""
    stored = group.create_dataset(name, data=values, chunks=values.shape, compression="gzip", fillvalue=fill)
    stored.attrs["_FillValue"] = values.dtype.type(fill)
    for key, value in attributes.items():
        stored.attrs[key] = value


def granule(short_name, fill_groups):
    """The bytes of a granule."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver="earliest") as file:
        identification = file.create_group("Metadata/DatasetIdentification")
        identification.attrs["SMAPShortName"] = np.bytes_(short_name)
        fill_groups(file)
    return buffer.getvalue()


def half_orbit(file):
    group = file.create_group("Soil_Moisture_Retrieval_Data")
    n = 6
    dataset(group, "EASE_row_index", np.arange(276, 276 + n, dtype=np.uint16), 65534)
    dataset(group, "EASE_column_index", np.arange(790, 790 + n, dtype=np.uint16), 65534)
    soil_moisture = np.array([0.1, 0.2, -9999, 0.3, 0.9, np.nan], dtype=np.float32)
    dataset(group, "soil_moisture", soil_moisture, -9999, units="cm**3/cm**3")
    dataset(group, "retrieval_qual_flag", np.array([0, 1, 7, 8, 65534, 0], dtype=np.uint16), 65534)
    dataset(group, "tb_time_seconds", np.full(n, 549_000_000.0), -9999.0)
    dataset(group, "landcover_class", np.zeros((n, 3), dtype=np.uint8), 254)


def scene(file):
    for suffix, step in [("1km", 1), ("3km", 3)]:
        group = file.create_group(f"Soil_Moisture_Retrieval_Data_{suffix}")
        rows, cols = np.mgrid[2601 // step : 2601 // step + 6 // step, 7200 // step : 7200 // step + 9 // step]
        dataset(group, f"EASE_row_index_{suffix}", rows.astype(np.uint16), 65534)
        dataset(group, f"EASE_column_index_{suffix}", cols.astype(np.uint16), 65534)
        values = np.full(rows.shape, 0.2, dtype=np.float32)
        values[0, 0] = -10068.993
        dataset(group, f"soil_moisture_{suffix}", values, -9999, valid_min=np.float32(0.02))
        dataset(group, f"retrieval_qual_flag_{suffix}", np.zeros(rows.shape, dtype=np.uint16), 65534)
        dataset(group, f"sigma0_vv_aggregated_{suffix}", values, -9999)


def granules():
    put("spl2smp", "half_orbit_36km", granule("L2_SM_P", half_orbit))
    put("spl2smp", "half_orbit_9km", granule("L2_SM_P_E", half_orbit))
    put("spl2smap_s", "scene", granule("L2_SM_SP", scene))


def main():
    for folder in HERE.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    for write in (names, series, static_variables, zips, granules):
        write()


if __name__ == "__main__":
    main()
