"""Copies a time series with czifile and zarr-python into chunks of zstd, level 3: czi_recode.py IN.czi OUT.zarr THREADS"""

import sys
from concurrent.futures import ThreadPoolExecutor

import czifile
import zarr

threads = int(sys.argv[3])
zarr.config.set({"threading.max_workers": threads})
with czifile.CziFile(sys.argv[1]) as source:
    image = source.scenes[0] if hasattr(source, "scenes") else source
    planes = image.asarray(maxworkers=threads).squeeze()
codec = zarr.codecs.ZstdCodec(level=3)
out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)
target = out.create_array("0", shape=planes.shape, chunks=(1, *planes.shape[1:]), dtype="uint16", compressors=[codec])
target[:] = planes
