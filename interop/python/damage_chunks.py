"""Damages the chunks of an array, one bit a time, and reads it with zarr-python: damage_chunks.py FOLDER BITS.

Prints how many of the damages were an error, how many were not, and how many frames of zstd say that they end with a
checksum (RFC 8878, 3.1.1.1.1, bit 2 of the frame header descriptor), of how many.
"""

import json
import random
import sys
from pathlib import Path

import numcodecs
import zarr

folder, bits = Path(sys.argv[1]), int(sys.argv[2])
draw = random.Random(1)
array = zarr.open_array(folder, mode="r")
whole = array[...]
files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "zarr.json")
ZSTD = b"\x28\xb5\x2f\xfd"
frames = [data for data in (path.read_bytes() for path in files) if data.startswith(ZSTD)]
if array.shards is None:
    for frame in frames:
        numcodecs.Zstd().decode(frame)
found = {"noticed": 0, "unnoticed": 0, "checksums": sum(frame[4] >> 2 & 1 for frame in frames), "frames": len(frames)}
for _ in range(bits):
    path = draw.choice(files)
    data = path.read_bytes()
    damaged = bytearray(data)
    damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(damaged)
    try:
        array[...]
        found["unnoticed"] += 1
    except Exception:
        found["noticed"] += 1
    path.write_bytes(data)
assert (array[...] == whole).all()
print(json.dumps(found))
