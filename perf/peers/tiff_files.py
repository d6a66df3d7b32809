"""Writes stacks of 1024 × 1024 uint16 with tifffile: tiff_files.py FOLDER PLANES"""

import sys

import numpy
import tifffile

folder, planes = sys.argv[1], int(sys.argv[2])
rng = numpy.random.default_rng(1)
y, x = numpy.mgrid[0:1024, 0:1024]


def stack():
    """Smooth structures with the noise of a camera."""
    for plane in range(planes):
        smooth = (numpy.sin(x / 50 + plane) * numpy.cos(y / 70) + 1) * 800
        yield (smooth + rng.poisson(100, (1024, 1024))).astype("u2")


data = numpy.stack(list(stack()))
tile = {"tile": (256, 256)}
tifffile.imwrite(f"{folder}/raw-{planes}.tif", data, imagej=True, metadata={"axes": "ZYX"})
for name, options in {
    "lzw": {"compression": "lzw", "rowsperstrip": 64},
    "deflate": {"compression": "zlib", **tile},
    "zstd": {"compression": "zstd", **tile},
    "deflate-predictor": {"compression": "zlib", "predictor": True, **tile},
}.items():
    tifffile.imwrite(f"{folder}/{name}-{planes}.tif", data, ome=True, metadata={"axes": "ZYX"}, **options)
