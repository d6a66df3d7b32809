"""Writes TIFFs in many compressions with tifffile, and says how fast it decodes them:
`tiff_segments.py FOLDER SCALE ONLY` writes the files and prints a JSON list of them, with the place of every tile and MB of
pixels per second, one and two threads. SCALE 1 is 4 pages of 8192 x 4096 pixels of 16 bits: 268 MB.
"""

import json
import sys
import time

import numpy
import tifffile

folder, scale, only = sys.argv[1], float(sys.argv[2]), sys.argv[3]


def image(dtype, pages, rows):
    """Smooth, with noise: what microscopes give."""
    y, x = numpy.mgrid[0:rows, 0:4096]
    random = numpy.random.default_rng(1)
    smooth = 1000 + 300 * (numpy.sin(x / 37) + numpy.cos(y / 53))
    values = [smooth + random.normal(0, 12, (rows, 4096)) + 40 * page for page in range(pages)]
    if dtype == "u1":
        return numpy.stack([numpy.clip(value / 8, 0, 255).astype("u1") for value in values[:3]], -1)[None]
    return numpy.stack(values).astype(dtype)


# Name, type, arguments of tifffile, and how much smaller the file is: some compressions are slow to write.
TILES = {"tile": (512, 512)}
FILES = [
    ("none, big-endian", ">u2", {"byteorder": ">"}, 1),
    ("Deflate", "u2", {"compression": "zlib", **TILES}, 1),
    ("Deflate, predictor 2", "u2", {"compression": "zlib", "predictor": 2, **TILES}, 1),
    ("Deflate, predictor 2, big-endian", ">u2", {"compression": "zlib", "predictor": 2, "byteorder": ">", **TILES}, 1),
    ("Deflate, predictor 3", "f4", {"compression": "zlib", "predictor": 3, **TILES}, 1),
    ("Deflate, strips of 16 rows", "u2", {"compression": "zlib", "rowsperstrip": 16}, 1),
    ("LZW", "u2", {"compression": "lzw", **TILES}, 1),
    ("LZW, predictor 2", "u2", {"compression": "lzw", "predictor": 2, **TILES}, 1),
    ("LZW, predictor 2, RGB", "u1", {"compression": "lzw", "predictor": 2, "photometric": "rgb", **TILES}, 1),
    ("PackBits", "u1", {"compression": "packbits", "photometric": "rgb", **TILES}, 1),
    ("Zstandard, predictor 2", "u2", {"compression": "zstd", "predictor": 2, **TILES}, 1),
    ("JPEG 4:2:0", "u1", {"compression": "jpeg", "photometric": "rgb", "subsampling": (2, 2), **TILES}, 1),
    ("JPEG 2000", "u1", {"compression": "jpeg2000", "photometric": "rgb", **TILES}, 8),
    ("WebP", "u1", {"compression": "webp", "photometric": "rgb", **TILES}, 8),
    ("LERC", "u2", {"compression": "lerc", **TILES}, 2),
]


def best(path, workers):
    speeds = []
    for _ in range(3):
        start = time.perf_counter()
        size = tifffile.imread(path, maxworkers=workers).nbytes
        speeds.append(size / (time.perf_counter() - start) / 1e6)
    return max(speeds)


files = []
for name, dtype, options, smaller in FILES:
    if only not in name:
        continue
    path = f"{folder}/{len(files)}.tif"
    rows = max(512, int(8192 * scale / smaller) // 512 * 512)
    data = image(dtype, 4, rows)
    byteorder = options.pop("byteorder", "<")
    with tifffile.TiffWriter(path, bigtiff=True, byteorder=byteorder) as writer:
        for page in data:
            writer.write(page, metadata=None, maxworkers=2, **options)
    segments = []
    with tifffile.TiffFile(path) as tiff:
        for page in tiff.pages:
            for index, (offset, count) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
                _, _, (_, height, width, samples) = page.decode(None, index, _fullsize=page.is_tiled)
                segments.append([offset, count, width, height])
            layout = {
                "compression": int(page.compression),
                "predictor": int(page.predictor),
                "samplesPerPixel": samples,
                "bitsPerSample": page.bitspersample,
                "sampleFormat": {1: "uint", 2: "int", 3: "float"}[int(page.sampleformat)],
                "littleEndian": byteorder == "<",
                "fillOrder": 1,
                "photometric": int(page.photometric),
            }
    files.append(
        {
            "name": name,
            "path": path,
            "bytes": data.nbytes,
            "layout": layout,
            "segments": segments,
            "one": best(path, 1),
            "two": best(path, 2),
        }
    )
print(json.dumps(files))
