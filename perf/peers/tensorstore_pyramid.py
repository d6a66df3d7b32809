"""Copies an image of one level with tensorstore and adds the levels below it: tensorstore_pyramid.py IN.zarr OUT.zarr

Each level is tensorstore's own mean of boxes of 2 pixels along every axis, written a row of chunks at a time.
"""

import os
import sys

import tensorstore as ts

THREADS = len(os.sched_getaffinity(0))
context = ts.Context({"data_copy_concurrency": {"limit": THREADS}, "cache_pool": {"total_bytes_limit": 100_000_000}})


def opened(folder, name, **spec):
    kvstore = {"driver": "file", "path": f"{folder}/{name}/"}
    return ts.open({"driver": "zarr3", "kvstore": kvstore, **spec}, context=context).result()


source = opened(sys.argv[1], "0")
chunk = source.chunk_layout.read_chunk.shape


def create(name, shape):
    metadata = {
        "shape": shape,
        "data_type": source.dtype.name,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    }
    return opened(sys.argv[2], name, metadata=metadata, create=True, delete_existing=True)


def copy(source, target):
    for start in range(0, target.shape[0], chunk[0]):
        rows = slice(start, min(start + chunk[0], target.shape[0]))
        target[rows].write(source[rows]).result()


above = create("0", list(source.shape))
copy(source, above)
level = 1
while max(above.shape) > 256:
    factors = [2 if n > 1 else 1 for n in above.shape]
    view = ts.downsample(above, factors, "mean")
    below = create(str(level), list(view.shape))
    copy(view, below)
    above, level = below, level + 1
