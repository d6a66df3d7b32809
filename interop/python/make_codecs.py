"""Writes an OME-Zarr 0.4 image of many small arrays, each with another encoding: make_codecs.py FOLDER

Every compressor that OME-Zarr images use, in both orders of elements and both byte orders, for every data type; and the
filters that can be decoded. Prints the names of the arrays as JSON.
"""

import json
import sys

import numcodecs
import numpy as np
import zarr

SHAPE, CHUNKS = (5, 9), (3, 4)
COMPRESSORS = {
    "none": None,
    "zlib": numcodecs.Zlib(level=1),
    "gzip": numcodecs.GZip(level=5),
    "zstd": numcodecs.Zstd(level=3),
    "lz4": numcodecs.LZ4(),
    "blosc-lz4": numcodecs.Blosc(cname="lz4", clevel=5, shuffle=1),
    "blosc-lz4hc": numcodecs.Blosc(cname="lz4hc", clevel=5, shuffle=1),
    "blosc-blosclz": numcodecs.Blosc(cname="blosclz", clevel=9, shuffle=0),
    "blosc-zlib": numcodecs.Blosc(cname="zlib", clevel=1, shuffle=-1),
    "blosc-zstd": numcodecs.Blosc(cname="zstd", clevel=5, shuffle=2),
}
TYPES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]
FILTERS = {
    "delta-u2": ("<u2", [numcodecs.Delta(dtype="<u2")]),
    "delta-i4": (">i4", [numcodecs.Delta(dtype=">i4")]),
    "delta-f8": ("<f8", [numcodecs.Delta(dtype="<f8")]),
    "fixedscaleoffset-f4": ("<f4", [numcodecs.FixedScaleOffset(offset=2, scale=10, dtype="<f4", astype="|u1")]),
    "fixedscaleoffset-f8": ("<f8", [numcodecs.FixedScaleOffset(offset=-7, scale=0.5, dtype="<f8", astype="<i2")]),
    "shuffle-u4": ("<u4", [numcodecs.Shuffle(elementsize=4)]),
    "bitround-f4": ("<f4", [numcodecs.BitRound(keepbits=9)]),
}


def values(dtype, seed):
    kind = np.dtype(dtype)
    numbers = np.random.default_rng(seed).integers(0, 100, SHAPE)
    if kind.kind == "i":
        numbers = numbers - 50
    if kind.kind == "f":
        numbers = numbers / 4 - 5
    # A chunk with only fill values, which is not stored.
    numbers[3:, :4] = 0
    return numbers.astype(kind)


folder = sys.argv[1]
root = zarr.open_group(folder, mode="w", zarr_format=2)
names = []


def write(name, dtype, order, compressor, filters=None):
    array = root.create_array(
        name,
        shape=SHAPE,
        chunks=CHUNKS,
        dtype=dtype,
        order=order,
        compressors=compressor,
        filters=filters,
        fill_value=0,
        chunk_key_encoding={"name": "v2", "separator": "/"},
        config={"order": order},
    )
    array[...] = values(dtype, len(names))
    names.append(name)


for type_ in TYPES:
    for endian in ["|"] if type_.endswith("1") else ["<", ">"]:
        for order in "CF":
            for name, compressor in COMPRESSORS.items():
                write(f"{name}-{order}-{'be' if endian == '>' else 'le'}-{type_}", endian + type_, order, compressor)
for name, (dtype, filters) in FILTERS.items():
    for order in "CF":
        for compressor in ["none", "zlib", "blosc-lz4"]:
            write(f"{name}-{order}-{compressor}", dtype, order, COMPRESSORS[compressor], filters)

axes = [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}]
scale = [{"type": "scale", "scale": [1, 1]}]
root.attrs["multiscales"] = [
    {"version": "0.4", "axes": axes, "datasets": [{"path": name, "coordinateTransformations": scale}]}
    for name in names
]
print(json.dumps(names))
