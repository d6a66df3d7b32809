"""Reads images with ome-zarr-py and ngff-zarr: read_edited.py PATH…

Prints for each path what both say of the scale of each level, of units, and of channels.
"""

import json
import sys

import ngff_zarr
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader


def by_ome_zarr(path):
    metadata = next(iter(Reader(parse_url(path))())).metadata
    return {
        "scales": [level[0]["scale"] for level in metadata["coordinateTransformations"]],
        "units": [axis.get("unit") for axis in metadata["axes"]],
        "channels": metadata["channel_names"],
    }


def by_ngff_zarr(path):
    multiscales = ngff_zarr.from_ngff_zarr(path)
    axes = multiscales.images[0].dims
    return {
        "scales": [[image.scale[axis] for axis in axes] for image in multiscales.images],
        "units": [multiscales.images[0].axes_units[axis] for axis in axes],
        "channels": [channel.label for channel in multiscales.metadata.omero.channels],
    }


print(json.dumps({path: {"ome-zarr-py": by_ome_zarr(path), "ngff-zarr": by_ngff_zarr(path)} for path in sys.argv[1:]}))
