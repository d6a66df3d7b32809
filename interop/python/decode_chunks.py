"""Says what numcodecs makes of chunks: `decode_chunks.py CASES VERDICTS`.

A case is a byte for the codec, its decoded and its encoded size as uint32, and the encoded bytes. A verdict is a byte, 1
where it decodes, and the size of what comes out and the first four bytes of its SHA-256.
"""

import hashlib
import struct
import sys

import numcodecs
from numcodecs import blosc

NAMES = ["blosc", "zstd", "lz4", "gzip", "zlib"]
CODECS = [numcodecs.get_codec({"id": name}) for name in NAMES]
REFUSED = struct.pack("<BII", 0, 0, 0)
# More is asked of memory by the claims of damaged chunks than a test should take.
LARGEST = 1 << 26


def verdict(codec, encoded):
    name = NAMES[codec]
    if name == "blosc":
        # numcodecs reads beyond the end of a frame that is cut short: c-blosc is not told how long it is.
        if len(encoded) < 16 or struct.unpack_from("<I", encoded, 12)[0] > len(encoded):
            return REFUSED
        if struct.unpack_from("<I", encoded, 4)[0] > LARGEST:
            return REFUSED
    if name == "lz4" and (len(encoded) < 4 or struct.unpack_from("<I", encoded)[0] > LARGEST):
        return REFUSED
    try:
        decoded = bytes(CODECS[codec].decode(encoded))
    except MemoryError:
        return REFUSED
    except Exception:
        return REFUSED
    return struct.pack("<BII", 1, len(decoded), struct.unpack_from("<I", hashlib.sha256(decoded).digest())[0])


def main(cases, verdicts):
    blosc.use_threads = False
    with open(cases, "rb") as file, open(verdicts, "wb") as out:
        while head := file.read(9):
            codec, _, length = struct.unpack("<BII", head)
            out.write(verdict(codec, file.read(length)))


if __name__ == "__main__":
    main(*sys.argv[1:])
