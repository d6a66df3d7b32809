"""Copies an image of one level with zarr-python into chunks of zstd, level 3: zarr_recode.py IN.zarr OUT.zarr THREADS"""

import sys

import zarr

zarr.config.set({"threading.max_workers": int(sys.argv[3])})
source = zarr.open_group(sys.argv[1], mode="r")["0"]
out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)
codec = zarr.codecs.ZstdCodec(level=3)
target = out.create_array("0", shape=source.shape, chunks=source.chunks, dtype=source.dtype, compressors=[codec])
# Four rows of chunks at a time keep all threads busy.
step = 4 * source.chunks[0]
for start in range(0, source.shape[0], step):
    target[start : start + step] = source[start : start + step]
