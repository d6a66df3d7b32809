"""Reads the planes of a manifest of CZIs with pylibCZIrw, and prints the files of which one is other than written: read_czi.py FOLDER"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from pylibCZIrw import czi

folder = Path(sys.argv[1])


def is_read(name: str, planes: list) -> bool:
    scenes = {plane["coords"].get("S") for plane in planes}
    with czi.open_czi(str(folder / name)) as file:
        for plane in planes:
            coords = plane["coords"]
            where = {axis: coords[axis] for axis in "TCZ" if axis in coords}
            scene = coords.get("S") if len(scenes) > 1 else None
            pixels = file.read(plane=where, scene=scene)
            pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels[..., ::-1]
            data = np.ascontiguousarray(pixels, dtype=plane["dtype"])
            if hashlib.sha256(data.tobytes()).hexdigest() != plane["sha256"]:
                return False
    return True


wrong = []
for name, entry in json.loads((folder / "manifest.json").read_text()).items():
    try:
        if is_read(name, entry["planes"]):
            continue
    except Exception as error:  # Whatever it cannot read is what is asked for.
        print(name, error, file=sys.stderr)
    wrong.append(name.removesuffix(".czi"))
print(json.dumps(sorted(wrong)))
