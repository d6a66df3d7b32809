"""Writes Zarr that is not OME-Zarr, as zarr-python writes it: make_plain.py FOLDER group|array 2|3"""

import json
import sys

import numpy as np
import zarr

folder, kind, zarr_format = sys.argv[1], sys.argv[2], int(sys.argv[3])
values = np.arange(70, dtype="float32").reshape(7, 10)
settings = {"shape": values.shape, "chunks": (3, 4), "dtype": values.dtype, "zarr_format": zarr_format}

if kind == "array":
    zarr.create_array(folder, **settings, attributes={"limit": float("nan")})[...] = values
else:
    root = zarr.create_group(folder, zarr_format=zarr_format, attributes={"version": "0.2"})
    tables = root.create_group("tables")
    del settings["zarr_format"]
    tables.create_array("x", **settings)[...] = values
    tables.create_array("scalar", shape=(), dtype="int16")[...] = 3
    zarr.consolidate_metadata(folder)

print(json.dumps(folder))
