"""Writes an OME-Zarr 0.5 image of sharded arrays, each with other options: make_shards.py FOLDER

The index at the start or end, extents that are no multiple of shards or chunks, chunks of fill values stored or not, and
several inner codecs. Prints the names of the arrays as JSON.
"""

import json
import sys

import numpy as np
import zarr
from zarr.codecs import BloscCodec, GzipCodec, TransposeCodec, ZstdCodec

SHAPE, CHUNKS, SHARDS = (3, 21, 34), (1, 4, 8), (2, 8, 16)
CODECS = {
    "none": {"compressors": None},
    "zstd": {"compressors": ZstdCodec(level=3)},
    "gzip": {"compressors": GzipCodec(level=1)},
    "blosc-F": {"compressors": BloscCodec(cname="lz4"), "filters": TransposeCodec(order=(2, 1, 0))},
}

root = zarr.open_group(sys.argv[1], mode="w", zarr_format=3)
names = []
for location in ["start", "end"]:
    for name, codecs in CODECS.items():
        for empty in [False, True]:
            path = f"{name}-{location}-{'all' if empty else 'some'}"
            array = root.create_array(
                path,
                shape=SHAPE,
                chunks=CHUNKS,
                shards={"shape": SHARDS, "index_location": location},
                dtype="uint16",
                fill_value=0,
                dimension_names=("z", "y", "x"),
                config={"write_empty_chunks": empty},
                **codecs,
            )
            values = np.random.default_rng(len(names)).integers(0, 999, SHAPE).astype("uint16")
            values[:2, :8, :16] = 0
            values[2, 8:, 20:] = 0
            array[...] = values
            names.append(path)

axes = [{"name": name, "type": "space"} for name in "zyx"]
scale = [{"type": "scale", "scale": [1, 1, 1]}]
root.attrs["ome"] = {
    "version": "0.5",
    "multiscales": [
        {"axes": axes, "datasets": [{"path": name, "coordinateTransformations": scale}]} for name in names
    ],
}
print(json.dumps(names))
