"""Writes TIFFs with many pages of 8 × 8 uint16: tiff_pages.py ome|plain OUT.tif PAGES

`ome` is written by tifffile; `plain` is a BigTIFF without a description, whose IFDs follow one another."""

import os
import struct
import sys

import numpy
import tifffile

kind, target, pages = sys.argv[1], sys.argv[2], int(sys.argv[3])
out = target.replace(".tif", ".part.tif")
if kind == "ome":
    data = numpy.zeros((pages, 8, 8), "u2")
    data += numpy.arange(pages, dtype="u4").astype("u2")[:, None, None]
    tifffile.imwrite(out, data, ome=True, metadata={"axes": "TYX"})
else:
    fields = [(256, 8), (257, 8), (258, 16), (259, 1), (262, 1), (273, 0), (277, 1), (278, 8), (279, 128)]
    size = 8 + len(fields) * 20 + 8
    with open(out, "wb") as file:
        file.write(struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16 + 128 * pages))
        for start in range(0, pages, 10_000):
            file.write(bytes(128 * (min(pages, start + 10_000) - start)))
        for page in range(pages):
            at = 16 + 128 * pages + page * size
            entries = b"".join(
                struct.pack("<HHQQ", tag, 16 if tag == 273 else 3, 1, 16 + 128 * page if tag == 273 else value)
                for tag, value in fields
            )
            file.write(struct.pack("<Q", len(fields)) + entries + struct.pack("<Q", at + size if page + 1 < pages else 0))
os.replace(out, target)
