"""Copies an image of one level with zarr-python and adds the levels below it: zarr_pyramid.py IN.zarr OUT.zarr

Each level is the mean of 2 × 2 pixels of the one above, computed a row of chunks at a time.
"""

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
    below = create(str(level), [-(-n // 2) for n in above.shape])
    for start in range(0, above.shape[0], rows):
        tile = above[start : start + rows].astype(np.uint32)
        tile = np.pad(tile, [(0, n % 2) for n in tile.shape], mode="edge")
        mean = (tile[::2, ::2] + tile[::2, 1::2] + tile[1::2, ::2] + tile[1::2, 1::2] + 2) // 4
        below[start // 2 : start // 2 + mean.shape[0]] = mean.astype(source.dtype)
    above, level = below, level + 1
