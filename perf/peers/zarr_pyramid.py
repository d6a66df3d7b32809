"""Copies an image of one level with zarr-python and adds the levels below it: zarr_pyramid.py IN.zarr OUT.zarr

Each level is the mean of boxes of 2 pixels along every axis of the one above, computed a row of chunks at a time.
"""

import itertools
import sys

import numpy as np
import zarr

source = zarr.open_group(sys.argv[1], mode="r")["0"]
out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)


def create(name, shape):
    return out.create_array(name, shape=shape, chunks=source.chunks, dtype=source.dtype, compressors=None)


above = create("0", source.shape)
rows = 2 * source.chunks[0]
for start in range(0, source.shape[0], rows):
    above[start : start + rows] = source[start : start + rows]
level = 1
while max(above.shape) > 256:
    factors = [2 if n > 1 else 1 for n in above.shape]
    below = create(str(level), [-(-n // f) for n, f in zip(above.shape, factors)])
    for start in range(0, above.shape[0], rows):
        tile = above[start : start + rows].astype(np.uint32)
        tile = np.pad(tile, [(0, n % f) for n, f in zip(tile.shape, factors)], mode="edge")
        total = sum(tile[tuple(slice(k, None, f) for k, f in zip(at, factors))] for at in itertools.product(*map(range, factors)))
        count = int(np.prod(factors))
        mean = (total + count // 2) // count
        first = start // factors[0]
        below[first : first + mean.shape[0]] = mean.astype(source.dtype)
    above, level = below, level + 1
