"""Compares arrays with what was to be cut out of others: recut.py SOURCE OUT CHECKS.json

SOURCE and OUT are folders, or an .ozx. Each check is {"path", "slices", "project": [axis, method], "window": [low, high]}:
the slices of the source's array, projected along an axis, and rescaled to uint8, must be the array of the output. Prints
the paths where they are not, and why.
"""

import json
import sys

import numpy as np
import zarr
from zarr.storage import LocalStore, ZipStore


def open_store(path):
    return zarr.open_group(ZipStore(path) if path.endswith(".ozx") else LocalStore(path), mode="r")


def mean(pixels, axis):
    if pixels.dtype.kind == "f":
        return pixels.astype(np.float64).mean(axis, keepdims=True).astype(pixels.dtype)
    count = pixels.shape[axis]
    total = pixels.astype(object).sum(axis, keepdims=True)
    below, rest = total // count, total % count
    up = (rest * 2 > count) | ((rest * 2 == count) & (below % 2 == 1))
    return (below + up).astype(pixels.dtype)


def expected(pixels, check):
    if "project" in check:
        axis, method = check["project"]
        if method == "mean":
            pixels = mean(pixels, axis)
        elif method == "sum" and pixels.dtype.kind == "f":
            # numpy adds in the type of the pixels, which rounds each time.
            pixels = pixels.astype(np.float64).sum(axis, keepdims=True).astype(pixels.dtype)
        else:
            pixels = getattr(np, method)(pixels, axis=axis, keepdims=True)
    if "window" in check:
        low, high = check["window"]
        scaled = (pixels.astype(np.float64) - low) / (high - low) * 255
        pixels = np.floor(np.clip(scaled, 0, 255) + 0.5).astype(np.uint8)
    return pixels


source, out = open_store(sys.argv[1]), open_store(sys.argv[2])
faults = []
for check in json.load(open(sys.argv[3])):
    path = check["path"]
    pixels = source[path][tuple(slice(*one) for one in check["slices"])]
    found, want = out[path][:], expected(pixels, check)
    if found.shape != want.shape:
        faults.append(f"{path}: {found.shape}, not {want.shape}")
    elif not np.array_equal(found, want.astype(found.dtype)):
        faults.append(f"{path}: {np.count_nonzero(found != want)} pixels differ")
    # numpy counts true pixels in a signed type, ozx in an unsigned one.
    elif "window" not in check and pixels.dtype.kind != "b" and found.dtype.kind != want.dtype.kind:
        faults.append(f"{path}: {found.dtype}, not {want.dtype}")
print(json.dumps(faults))
