"""Puts the chunks of a level into shards with zarr-python, which decodes and encodes them:
zarr_shard.py FOLDER OUT SHARD_ROWS SHARD_COLUMNS (both in chunks)"""

import shutil
import sys
from pathlib import Path

import zarr

folder, out, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
source = zarr.open_array(f"{folder}/0", mode="r")
Path(out).mkdir()
shutil.copy(f"{folder}/zarr.json", f"{out}/zarr.json")
chunks = source.chunks
shards = (min(rows * chunks[0], source.shape[0]), min(columns * chunks[1], source.shape[1]))
target = zarr.create_array(
    f"{out}/0",
    shape=source.shape,
    dtype=source.dtype,
    chunks=chunks,
    shards=shards,
    compressors=source.compressors,
    fill_value=0,
    dimension_names=["y", "x"],
)
for y in range(0, source.shape[0], shards[0]):
    for x in range(0, source.shape[1], shards[1]):
        region = (slice(y, y + shards[0]), slice(x, x + shards[1]))
        target[region] = source[region]
