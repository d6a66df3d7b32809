"""Copies a stack with tifffile and zarr-python into chunks of zstd, level 3: tiff_recode.py IN.tif OUT.zarr THREADS"""

import sys

import tifffile
import zarr

threads = int(sys.argv[3])
zarr.config.set({"threading.max_workers": threads})
# So many planes are in memory at a time, which keeps all threads busy.
STEP = 16
with tifffile.TiffFile(sys.argv[1]) as source:
    series = source.series[0]
    page = source.pages[0]
    chunk = (1, page.tilelength, page.tilewidth) if page.is_tiled else (1, *series.shape[1:])
    out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)
    codec = zarr.codecs.ZstdCodec(level=3)
    target = out.create_array("0", shape=series.shape, chunks=chunk, dtype=series.dtype, compressors=[codec])
    for start in range(0, series.shape[0], STEP):
        stop = min(start + STEP, series.shape[0])
        target[start:stop] = source.asarray(key=range(start, stop), maxworkers=threads).reshape(-1, *series.shape[1:])
