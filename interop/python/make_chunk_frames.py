"""Prints chunks that numcodecs has encoded, as JSON: `make_chunk_frames.py small` those that the unit tests keep
(packages/core/test/codecs/frames.json), `all` every kind.

What a chunk decodes to is made by a formula, which packages/core/test/codecs/chunk-data.ts has too.
"""

import base64
import functools
import json
import struct
import sys

from numcodecs import LZ4, GZip, Zlib, Zstd, blosc


def noise(count, state=1):
    out = bytearray()
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append((state >> 16) & 255)
    return bytes(out)


@functools.cache
def chunk(kind, length):
    """The bytes of a chunk: see chunk-data.ts."""
    if kind == "zeros":
        return bytes(length)
    random = noise(length + 1)
    if kind == "noise":
        return random[:length]
    if kind == "runs":
        return bytes((i // 97 * 31 + (i // 13) % 3) & 255 for i in range(length))
    if kind == "text":
        words = [b"alpha ", b"beta ", b"gamma-ray ", b"delta/delta ", b"epsilon\n"]
        return b"".join(words[b % 5] for b in random)[:length]
    # Values of a microscope: smooth, with noise in the lowest bits.
    width = {"u16": 2, "u32": 4, "u64": 8}[kind]
    values = (1000 + (i // 7) % 900 + (random[i] & 7) for i in range(length // width + 1))
    return b"".join(struct.pack("<Q", value)[:width] for value in values)[:length]


def frames(every):
    blosc.use_threads = False

    def blosc_frame(kind, length, cname, typesize, shuffle, clevel=5, blocksize=0, threads=1):
        data = chunk(kind, length)
        blosc.set_nthreads(threads)
        frame = blosc.compress(data, cname.encode(), clevel, shuffle, blocksize, typesize)
        name = f"{cname} {kind} {length} typesize {typesize} shuffle {shuffle} clevel {clevel} blocks {blocksize}"
        return ("blosc", name, kind, length, frame)

    for cname in ("lz4", "lz4hc", "zstd", "zlib", "blosclz"):
        for shuffle in (0, 1, 2):
            yield blosc_frame("u16", 6000, cname, 2, shuffle)
        yield blosc_frame("text", 5000, cname, 1, 0, clevel=9)
        yield blosc_frame("u32", 9001, cname, 4, 1, blocksize=1024)
        yield blosc_frame("runs", 7000, cname, 8, 2, blocksize=2048)
        yield blosc_frame("noise", 700, cname, 2, 1)
        yield blosc_frame("zeros", 20000, cname, 2, 1)
    for typesize in range(1, 18):
        for shuffle in (1, 2):
            yield blosc_frame("u32", 4000 + typesize, "lz4", typesize, shuffle, blocksize=512 * typesize)
    for length in (0, 1, 15, 127, 128, 129, 130):
        yield blosc_frame("u16", length, "lz4", 2, 1)
    yield blosc_frame("u16", 3000, "lz4", 2, 1, clevel=0)
    yield blosc_frame("u16", 20000, "lz4", 2, 1, blocksize=2048, threads=8)
    for level in (-5, 1, 3, 9, 19, 22):
        yield ("zstd", f"level {level}", "text", 6000, Zstd(level).encode(chunk("text", 6000)))
    yield ("zstd", "checksum", "u16", 6000, Zstd(3, checksum=True).encode(chunk("u16", 6000)))
    for kind in ("noise", "zeros", "runs", "u64"):
        yield ("zstd", kind, kind, 3000, Zstd(5).encode(chunk(kind, 3000)))
    yield ("zstd", "skippable first", "runs", 500, struct.pack("<II", 0x184D2A53, 3) + b"abc" + Zstd(1).encode(chunk("runs", 500)))
    for length in (1, 4, 100, 256):
        yield ("zstd", f"{length} bytes", "text", length, Zstd(3).encode(chunk("text", length)))
    for kind, length in (("text", 5000), ("u16", 3000), ("noise", 600), ("zeros", 9000), ("runs", 3000), ("text", 1), ("text", 13)):
        data = chunk(kind, length)
        yield ("lz4", f"{kind} {length}", kind, length, LZ4().encode(data))
        for level in (0, 1, 6, 9):
            yield ("gzip", f"{kind} {length} level {level}", kind, length, GZip(level).encode(data))
            if level in (1, 9):
                yield ("zlib", f"{kind} {length} level {level}", kind, length, Zlib(level).encode(data))
    if not every:
        return
    for cname in ("lz4", "lz4hc", "zstd", "zlib", "blosclz"):
        for typesize in (1, 2, 3, 4, 5, 7, 8, 12, 16):
            for shuffle in (0, 1, 2):
                for clevel in (1, 5, 9):
                    for kind, length, blocksize in (("u16", 30000, 0), ("u64", 20001, 4096), ("text", 9001, 0), ("runs", 140000, 0)):
                        yield blosc_frame(kind, length, cname, typesize, shuffle, clevel, blocksize, threads=8 if clevel == 5 else 1)
    for level in (-100, -1, 1, 2, 4, 6, 7, 8, 12, 16, 20):
        for kind in ("u16", "u32", "u64", "text", "runs", "noise"):
            for length in (1000, 150001):
                yield ("zstd", f"{kind} {length} level {level}", kind, length, Zstd(level, checksum=level % 2 == 0).encode(chunk(kind, length)))
    for kind in ("u16", "u32", "u64", "text", "runs", "noise"):
        data = chunk(kind, 150000)
        yield ("lz4", f"{kind} large", kind, 150000, LZ4().encode(data))
        for level in range(10):
            yield ("gzip", f"{kind} large level {level}", kind, 150000, GZip(level).encode(data))
            yield ("zlib", f"{kind} large level {level}", kind, 150000, Zlib(level).encode(data))


if __name__ == "__main__":
    found = [
        {"codec": codec, "name": name, "kind": kind, "length": length, "frame": base64.b64encode(bytes(frame)).decode()}
        for codec, name, kind, length, frame in frames(sys.argv[1] == "all")
    ]
    print(json.dumps(found))
