"""Copies a time series with pylibCZIrw and zarr-python into chunks of zstd, level 3: czi_recode.py IN.czi OUT.zarr THREADS"""

import sys

import numpy as np
import zarr
from pylibCZIrw import czi

threads = int(sys.argv[3])
zarr.config.set({"threading.max_workers": threads})
# So many planes are in memory at a time, which keeps all threads busy.
STEP = 16
with czi.open_czi(sys.argv[1]) as source:
    box = source.total_bounding_box
    count = box["T"][1]
    height, width = box["Y"][1] - box["Y"][0], box["X"][1] - box["X"][0]
    out = zarr.open_group(sys.argv[2], mode="w", zarr_format=3)
    codec = zarr.codecs.ZstdCodec(level=3)
    target = out.create_array(
        "0", shape=(count, height, width), chunks=(1, height, width), dtype="uint16", compressors=[codec]
    )
    for start in range(0, count, STEP):
        stop = min(start + STEP, count)
        target[start:stop] = np.stack([source.read(plane={"T": t, "C": 0, "Z": 0})[..., 0] for t in range(start, stop)])
