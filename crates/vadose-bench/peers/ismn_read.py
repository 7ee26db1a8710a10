"""An archive of the International Soil Moisture Network, read whole with TU Wien's ismn."""
import logging
import tempfile
from importlib.metadata import version
from pathlib import Path

import duel
import numpy as np
from ismn.interface import ISMN_Interface

logging.disable(logging.WARNING)


def opened(archive, metadata):
    return ISMN_Interface(archive, meta_path=metadata, parallel=False)


def read(interface):
    found = {}
    for _, _, sensor in interface.collection.iter_sensors():
        found[Path(sensor.filehandler.file_path).name] = sensor.read_data()
    return found


def results(found):
    series = [found[name] for name in sorted(found)]
    values = [one.iloc[:, 0] for one in series]
    return {
        "n": np.array([float(len(one)) for one in values]),
        "mean": np.array([one.mean() for one in values]),
        "good": np.array([float((one.iloc[:, 1] == "G").sum()) for one in series]),
    }


def series(archive):
    interface = opened(archive, tempfile.mkdtemp())
    return lambda: read(interface), results


def open_and_series(archive):
    # A new folder each time, so that the list of files is made anew, as for an archive just downloaded.
    return lambda: read(opened(archive, tempfile.mkdtemp())), results


duel.run({"series": series, "open-and-series": open_and_series}, version("ismn"), load=str)
