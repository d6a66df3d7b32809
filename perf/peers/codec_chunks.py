"""Makes the chunks of decode-codecs.mjs and says how fast numcodecs is: `codec_chunks.py FOLDER` writes each chunk and its
raw bytes there and prints a JSON list of them, with MB of decoded bytes per second of processor time and one thread.
"""

import json
import os
import sys
import time

import numpy
from numcodecs import LZ4, Blosc, GZip, Zlib, Zstd, blosc


def image(side, waves, noise, dtype):
    """Smooth, with noise: what microscopes give."""
    y, x = numpy.mgrid[0:side, 0:side]
    random = numpy.random.default_rng(1)
    values = 1000 + waves * (numpy.sin(x / 37) + numpy.cos(y / 53)) + random.normal(0, noise, (side, side))
    return numpy.ascontiguousarray(values.astype(dtype))


def data():
    random = numpy.random.default_rng(2)
    labels = random.integers(0, 500, (46, 46), dtype="u4").repeat(16, 0).repeat(16, 1)[:724, :724]
    return {
        "u16 noisy 2M": image(1024, 300, 60, "u2"),
        "u16 2M": image(1024, 300, 4, "u2"),
        "u16 64K": image(181, 300, 4, "u2"),
        "u16 8M": image(2048, 300, 4, "u2"),
        "u16 flat 2M": (image(1024, 300, 0, "u2") // 8).astype("u2"),
        "f32 2M": image(724, 300, 10, "f4"),
        "labels 2M": numpy.ascontiguousarray(labels),
    }


CODECS = {
    "blosc lz4 shuffle": Blosc("lz4", 5, 1),
    "blosc lz4 bitshuffle": Blosc("lz4", 5, 2),
    "blosc zstd shuffle": Blosc("zstd", 5, 1),
    "blosc zstd bitshuffle": Blosc("zstd", 5, 2),
    "blosc zlib shuffle": Blosc("zlib", 5, 1),
    "blosc blosclz shuffle": Blosc("blosclz", 5, 1),
    "zstd 3": Zstd(3),
    "lz4": LZ4(),
    "gzip 5": GZip(5),
    "zlib 5": Zlib(5),
}


def speed(run, size):
    for _ in range(5):
        run()
    repeats = max(4, min(100, int(16e6 / size)))
    best = 1e9
    for _ in range(5):
        start = time.process_time()
        for _ in range(repeats):
            run()
        best = min(best, (time.process_time() - start) / repeats)
    return size / best / 1e6


def main(folder):
    blosc.use_threads = False
    blosc.set_nthreads(1)
    rows = []
    for name, array in data().items():
        raw = f"{name.replace(' ', '-')}.raw"
        array.tofile(os.path.join(folder, raw))
        for codec_name, codec in CODECS.items():
            chunk = bytes(codec.encode(array))
            file = f"{name}-{codec_name}".replace(" ", "-")
            with open(os.path.join(folder, file), "wb") as out:
                out.write(chunk)
            rows.append(
                {
                    "data": name,
                    "codec": codec_name,
                    "file": file,
                    "raw": raw,
                    "itemSize": array.itemsize,
                    "ratio": array.nbytes / len(chunk),
                    "decode": speed(lambda: codec.decode(chunk), array.nbytes),
                    "encode": speed(lambda: codec.encode(array), array.nbytes) if name == "u16 2M" else None,
                }
            )
    print(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1])
