"""Makes an image for decode.mjs: decode_data.py FOLDER CODEC SHAPE CHUNK [SHARD]; SHAPE and the others as in 8,1024,1024

It is an OME-Zarr 0.5 folder of one level. Some distinct chunks are encoded, and written again and again.
"""

import json
import os
import sys

import numpy
from numcodecs import Blosc, GZip, Zstd
import google_crc32c

DISTINCT = 16

CODECS = {
    "none": (None, []),
    "blosc-lz4": (
        Blosc("lz4", 5, 1),
        [{"name": "blosc", "configuration": {"cname": "lz4", "clevel": 5, "shuffle": "shuffle", "typesize": 2, "blocksize": 0}}],
    ),
    "blosc-zstd": (
        Blosc("zstd", 5, 1),
        [{"name": "blosc", "configuration": {"cname": "zstd", "clevel": 5, "shuffle": "shuffle", "typesize": 2, "blocksize": 0}}],
    ),
    "zstd": (Zstd(3), [{"name": "zstd", "configuration": {"level": 3, "checksum": False}}]),
    "gzip": (GZip(5), [{"name": "gzip", "configuration": {"level": 5}}]),
}


def chunk(shape, seed):
    """Smooth, with noise: what microscopes give. It packs about three times smaller."""
    rows, columns = shape[-2], shape[-1]
    y, x = numpy.mgrid[0:rows, 0:columns]
    random = numpy.random.default_rng(seed)
    plane = 1000 + 300 * (numpy.sin((x + 50 * seed) / 37) + numpy.cos(y / 53))
    depth = int(numpy.prod(shape[:-2]))
    values = numpy.stack([plane + 5 * z + random.normal(0, 4, (rows, columns)) for z in range(depth)])
    return numpy.ascontiguousarray(values.astype("<u2").reshape(shape))


def positions(counts):
    return numpy.ndindex(*counts)


def main():
    folder, name, shape, chunk_shape = sys.argv[1], sys.argv[2], *(tuple(map(int, a.split(","))) for a in sys.argv[3:5])
    shard = tuple(map(int, sys.argv[5].split(","))) if len(sys.argv) > 5 else None
    codec, after = CODECS[name]
    raw = [chunk(chunk_shape, seed) for seed in range(DISTINCT)]
    encoded = [array.tobytes() if codec is None else bytes(codec.encode(array)) for array in raw]
    axes = "zyx"[-len(shape) :]
    codecs = [{"name": "bytes", "configuration": {"endian": "little"}}, *after]
    if shard is not None:
        checked = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
        inner = {"chunk_shape": chunk_shape, "codecs": codecs, "index_codecs": checked, "index_location": "end"}
        codecs = [{"name": "sharding_indexed", "configuration": inner}]
    array = {
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": "uint16",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shard or chunk_shape}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "fill_value": 0,
        "codecs": codecs,
        "attributes": {},
        "dimension_names": list(axes),
    }
    scale = [{"type": "scale", "scale": [1.0] * len(shape)}]
    multiscale = {
        "name": "benchmark",
        "axes": [{"name": axis, "type": "space", "unit": "micrometer"} for axis in axes],
        "datasets": [{"path": "0", "coordinateTransformations": scale}],
    }
    group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": "0.5", "multiscales": [multiscale]}}}
    os.makedirs(os.path.join(folder, "0"), exist_ok=True)
    for path, document in (("zarr.json", group), ("0/zarr.json", array)):
        with open(os.path.join(folder, path), "w") as out:
            json.dump(document, out)
    counts = [-(-extent // size) for extent, size in zip(shape, shard or chunk_shape)]
    number = 0
    for position in positions(counts):
        path = os.path.join(folder, "0", "c", *map(str, position))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as out:
            if shard is None:
                out.write(encoded[number % DISTINCT])
                number += 1
                continue
            index = []
            offset = 0
            for _ in positions([s // c for s, c in zip(shard, chunk_shape)]):
                data = encoded[number % DISTINCT]
                out.write(data)
                index += [offset, len(data)]
                offset += len(data)
                number += 1
            table = numpy.array(index, "<u8").tobytes()
            out.write(table + google_crc32c.value(table).to_bytes(4, "little"))
    print(json.dumps({"ratio": raw[0].nbytes / len(encoded[0]), "bytes": int(numpy.prod(shape)) * 2}))


if __name__ == "__main__":
    main()
