"""Reads a zip from the standard input as a stream, and prints [name, SHA-256] of each entry as JSON, in their order."""

import hashlib
import json
import sys

from stream_unzip import stream_unzip


def pieces():
    while piece := sys.stdin.buffer.read(4096):
        yield piece


found = []
for name, _, data in stream_unzip(pieces()):
    digest = hashlib.sha256()
    for piece in data:
        digest.update(piece)
    found.append([name.decode(), digest.hexdigest()])
print(json.dumps(found))
