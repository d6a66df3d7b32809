"""Prints what tifffile reads of TIFFs: their arrays as checksums, and their metadata."""

import hashlib
import json
import sys

import tifffile

found = []
for path in sys.argv[1:]:
    with tifffile.TiffFile(path) as tiff:
        series = tiff.series[0]
        values = series.asarray()
        found.append(
            {
                "axes": series.axes,
                "shape": list(series.shape),
                "dtype": str(values.dtype),
                "sha256": hashlib.sha256(values.astype(values.dtype.newbyteorder("<")).tobytes()).hexdigest(),
                "big": tiff.is_bigtiff,
                "tiled": tiff.pages[0].is_tiled,
                "compression": int(tiff.pages[0].compression),
                "pixels": tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"]["Pixels"] if tiff.is_ome else None,
                "image": tifffile.xml2dict(tiff.ome_metadata)["OME"]["Image"].get("Name") if tiff.is_ome else None,
            }
        )
print(json.dumps(found))
