"""Downsamples with exact fractions: downsample.py CASES.json

Each case is {"dtype", "shape", "factors", "method", "data"}, with the pixels in base64; prints the expected
pixels of each, in base64.
"""

import base64
import itertools
import json
import sys
from fractions import Fraction

import numpy as np


def mean(box):
    if box.dtype.kind == "f":
        return box.astype(np.float64).mean()
    # `round` rounds a Fraction half to even.
    return round(Fraction(sum(int(value) for value in box.flat), box.size))


def nearest(box, factors):
    return box[tuple(min((f - 1) // 2, n - 1) for f, n in zip(factors, box.shape))]


def median(box):
    return np.sort(box, axis=None)[(box.size - 1) // 2]


def mode(box):
    # Both are sorted, so the smallest of several comes first.
    values, counts = np.unique(box, return_counts=True)
    return values[counts.argmax()]


def pixel(box, factors, method):
    match method:
        case "mean":
            return mean(box)
        case "nearest":
            return nearest(box, factors)
        case "stride":
            return box.flat[0]
        case "median":
            return median(box)
        case "mode":
            return mode(box)
        case "min":
            return box.min()
        case "max":
            return box.max()


def downsample(data, factors, method):
    out = np.empty([-(-n // f) for n, f in zip(data.shape, factors)], data.dtype)
    for at in itertools.product(*(range(n) for n in out.shape)):
        box = data[tuple(slice(i * f, (i + 1) * f) for i, f in zip(at, factors))]
        out[at] = pixel(box, factors, method)
    return out


results = []
for case in json.load(open(sys.argv[1])):
    pixels = np.frombuffer(base64.b64decode(case["data"]), case["dtype"]).reshape(case["shape"])
    results.append(base64.b64encode(downsample(pixels, case["factors"], case["method"]).tobytes()).decode())
print(json.dumps(results))
