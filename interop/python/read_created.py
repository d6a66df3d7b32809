"""Reads arrays of a created image with zarr-python: read_created.py PATH ARRAY…

Prints the shape, data type and values of each array as JSON.
"""

import json
import sys

import zarr
from zarr.storage import LocalStore, ZipStore

path, *arrays = sys.argv[1:]
store = ZipStore(path, mode="r") if path.endswith(".ozx") else LocalStore(path, read_only=True)
root = zarr.open_group(store, mode="r")
print(
    json.dumps(
        {
            "ome": root.attrs.asdict().get("ome", {}).get("version", "0.4"),
            "arrays": {
                name: {
                    "shape": root[name].shape,
                    "dtype": str(root[name].dtype),
                    "values": root[name][...].ravel().tolist(),
                }
                for name in arrays
            },
        }
    )
)
