#!/usr/bin/env python3
"""Fetches the granules of a cube from NASA's archives; made by `vadose plan`.

    python download.py                    lists what it finds, and fetches nothing
    python download.py --download FOLDER  fetches into FOLDER/PRODUCT, and goes on where it stopped

Needs Python 3.9 or later, `pip install earthaccess`, and a free Earthdata account
(https://urs.earthdata.nasa.gov), which `earthaccess` asks for or finds in ~/.netrc. For IMERG the account
must have approved the application "NASA GESDISC DATA ARCHIVE".
"""

import argparse
import re
import sys
from pathlib import Path

PLAN = {}


def pattern(name):
    """A name with `*` for what cannot be known; releases of IMERG differ by a letter."""
    escaped = re.escape(name).replace(r"\*", "[^/]*")
    return re.compile(re.sub(r"(\\\.V\d\d)[A-Z](\\\.HDF5)$", r"\1[A-Z]\2", escaped))


def file_name(granule):
    """The name of a granule's data file."""
    for link in granule.data_links():
        name = link.rsplit("/", 1)[-1]
        if name.endswith((".h5", ".HDF5")):
            return name
    return ""


def find(product):
    """The granules of a product that the plan names, by file name."""
    import earthaccess

    found = {}
    names = [pattern(name) for name in product["names"]]
    for begin, end in product["spans"]:
        granules = earthaccess.search_data(
            short_name=product["short_name"],
            version=product["version"],
            provider=product["provider"],
            bounding_box=tuple(PLAN["bbox"]),
            temporal=(begin, end),
        )
        for granule in granules:
            name = file_name(granule)
            if any(one.fullmatch(name) for one in names):
                found[name] = granule
    missing = [name for name, one in zip(product["names"], names) if not any(map(one.fullmatch, found))]
    return found, missing


def main():
    parser = argparse.ArgumentParser(description="Fetches the granules of a cube.")
    parser.add_argument("--download", metavar="FOLDER", type=Path, help="fetch into this folder")
    folder = parser.parse_args().download
    try:
        import earthaccess
    except ImportError:
        sys.exit("error: earthaccess is missing: pip install earthaccess")

    earthaccess.login()
    failed = False
    for product in PLAN["products"]:
        found, missing = find(product)
        megabytes = sum(granule.size() for granule in found.values())
        print(f"{product['short_name']} {product['version']}: {len(found)} granules, {megabytes:.0f} MB")
        for name in missing:
            print(f"  nothing for {name}")
        if folder is not None and found:
            target = folder / product["short_name"]
            target.mkdir(parents=True, exist_ok=True)
            earthaccess.download([found[name] for name in sorted(found)], str(target))
            absent = [name for name in sorted(found) if not (target / name).is_file()]
            for name in absent:
                print(f"  not fetched: {name}", file=sys.stderr)
            failed |= bool(absent)
    if folder is None:
        print("Nothing was fetched: --download FOLDER does.")
    if failed:
        sys.exit("error: some granules were not fetched; start again to go on")


if __name__ == "__main__":
    main()
