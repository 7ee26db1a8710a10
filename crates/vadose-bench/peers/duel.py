"""What the peers of single operations share: command line, clock, results, answer.

The command line and the JSON that is printed are those of `vadose-bench ops run`.
"""
import argparse
import json
import time

import numpy as np
from safetensors.numpy import load_file, save_file


def run(works, version, load=load_file):
    """Does one of `works`: functions by name that prepare from the loaded inputs and return a call and its results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("inputs")
    parser.add_argument("--work", choices=sorted(works), required=True)
    parser.add_argument("--threads", type=int, required=True)  # numpy, scipy, pytesmo and ismn use one here
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--output")
    arguments = parser.parse_args()
    call, results = works[arguments.work](load(arguments.inputs))
    first = call()
    if arguments.output:
        save_file({name: np.ascontiguousarray(array) for name, array in results(first).items()}, arguments.output)
    seconds = []
    for _ in range(arguments.runs):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"version": version, "seconds": seconds}))
