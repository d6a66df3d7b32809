"""Prints the SHA-256 of every plane of arrays in archives, read by zarr-python.

Usage: python hash_planes.py LIST, a JSON file of [{"file": path of an .ozx, "arrays": [path, …]}].
Prints JSON: a list for each file, of a list for each array: {"t/c/z": hash of the y, x plane, little-endian}.
"""

import hashlib
import itertools
import json
import sys

import numpy as np
import zarr


def planes(array):
    """All planes by their indices; axes that are missing count as one plane."""
    names = array.metadata.dimension_names
    values = array[...]
    sizes = {name: values.shape[k] for k, name in enumerate(names)}
    for t, c, z in itertools.product(*(range(sizes.get(axis, 1)) for axis in "tcz")):
        at = {"t": t, "c": c, "z": z}
        plane = np.ascontiguousarray(values[tuple(at.get(name, slice(None)) for name in names)])
        plane = plane.astype(plane.dtype.newbyteorder("<"))
        yield f"{t}/{c}/{z}", hashlib.sha256(plane.tobytes()).hexdigest()


def main():
    found = []
    with open(sys.argv[1], encoding="utf-8") as list_file:
        subjects = json.load(list_file)
    for subject in subjects:
        store = zarr.storage.ZipStore(subject["file"], mode="r")
        root = zarr.open_group(store, mode="r")
        found.append([dict(planes(root[path])) for path in subject["arrays"]])
        store.close()
    print(json.dumps(found))


main()
