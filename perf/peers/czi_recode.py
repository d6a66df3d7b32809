"""Copies a time series with czifile and zarr-python into chunks of zstd, level 3, or of none: czi_recode.py IN.czi OUT.zarr THREADS zstd|none"""

import sys
from concurrent.futures import ThreadPoolExecutor

import czifile
import zarr

threads = int(sys.argv[3])
zarr.config.set({"threading.max_workers": threads})
with czifile.CziFile(sys.argv[1]) as source:
    image = source.scenes[0] if hasattr(source, "scenes") else source
    planes = image.asarray(maxworkers=threads).squeeze()
compressors = [zarr.codecs.ZstdCodec(level=3)] if sys.argv[4] == "zstd" else None
out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)
chunks = (1, *planes.shape[1:])
target = out.create_array("0", shape=planes.shape, chunks=chunks, dtype="uint16", compressors=compressors)
target[:] = planes
