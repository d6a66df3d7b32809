"""Writes an OME-Zarr 0.5 image of z, y, x whose pixels are of any data type of numpy: make_typed.py FOLDER DTYPE"""

import json
import sys

import numpy as np
import zarr

folder, dtype = sys.argv[1], np.dtype(sys.argv[2])
shape = (5, 40, 50)
random = np.random.default_rng(1)
if dtype.kind in "iu":
    limits = np.iinfo(dtype)
    # Five of the largest overflow.
    pixels = random.integers(limits.min // 8, limits.max // 8, shape, dtype=dtype)
elif dtype.kind == "b":
    pixels = random.random(shape) < 0.5
else:
    pixels = (random.standard_normal(shape) * 100).astype(dtype)

axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
scale = [{"type": "scale", "scale": [1, 1, 1]}]
datasets = [{"path": "0", "coordinateTransformations": scale}]
multiscales = [{"name": "image", "axes": axes, "datasets": datasets}]
root = zarr.create_group(folder, attributes={"ome": {"version": "0.5", "multiscales": multiscales}}, overwrite=True)
array = root.create_array("0", shape=shape, chunks=(2, 20, 20), dtype=dtype, dimension_names=list("zyx"))
array[...] = pixels
print(json.dumps(folder))
