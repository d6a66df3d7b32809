"""Compares a Zarr folder with its archive by reading both with zarr-python: compare_values.py FOLDER ARCHIVE

Compares the values of every array and the attributes of every node, and prints the differences as JSON. The folder may be
Zarr v2 and the archive v3.
"""

import json
import sys

import numpy as np
import zarr
from zarr.storage import LocalStore, ZipStore


def is_array(node):
    return isinstance(node, zarr.Array)


def nodes(root):
    below = [] if is_array(root) else root.members(max_depth=None)
    return {"": root, **{path: node for path, node in below}}


def same_values(a, b):
    if a.shape != b.shape:
        return False
    a, b = np.asarray(a[...]), np.asarray(b[...])
    if a.dtype.kind in "OSUT" or b.dtype.kind in "OSUT":
        return a.astype(object).tolist() == b.astype(object).tolist()
    # The byte order may differ, but not the kind and size of a number.
    if a.dtype.newbyteorder("=") != b.dtype.newbyteorder("="):
        return False
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


folder, archive = sys.argv[1:3]
source = nodes(zarr.open(LocalStore(folder, read_only=True), mode="r"))
packed = nodes(zarr.open(ZipStore(archive, mode="r"), mode="r"))
common = [path for path in source if path in packed and is_array(source[path]) == is_array(packed[path])]
arrays = [path for path in common if is_array(source[path])]

print(
    json.dumps(
        {
            "arrays": sorted(arrays),
            "groups": sorted(path for path in common if not is_array(source[path])),
            "missing": sorted(set(source) - set(common)),
            "added": sorted(set(packed) - set(common)),
            "differentValues": sorted(p for p in arrays if not same_values(source[p], packed[p])),
            "differentAttributes": sorted(
                p for p in common if source[p].attrs.asdict() != packed[p].attrs.asdict()
            ),
            "zarrFormats": sorted({packed[p].metadata.zarr_format for p in common}),
        }
    )
)
