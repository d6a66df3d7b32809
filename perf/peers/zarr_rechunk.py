"""Gives an image of one level other chunks: zarr_rechunk.py IN.zarr OUT.zarr Z,Y,X dask|rechunker

dask reads and writes with zarr-python, in threads; rechunker writes an intermediate array where its 512 MB are not enough.
"""

import shutil
import sys

import zarr
from zarr.codecs import ZstdCodec

source, target, chunks, method = sys.argv[1:5]
shape = tuple(int(extent) for extent in chunks.split(","))
array = zarr.open_group(source, mode="r")["0"]

if method == "dask":
    import dask.array

    out = zarr.open_group(target, mode="w", zarr_format=3).create_array(
        "0", shape=array.shape, chunks=shape, dtype=array.dtype, compressors=ZstdCodec(level=3)
    )
    dask.array.from_array(array, chunks=array.chunks).rechunk(shape).store(out, lock=False)
else:
    from rechunker import rechunk

    intermediate = f"{target}.tmp"
    rechunk(
        array, target_chunks=shape, max_mem=512_000_000, target_store=target, temp_store=intermediate
    ).execute()
    shutil.rmtree(intermediate, ignore_errors=True)
