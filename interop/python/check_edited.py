"""Checks images and plates by the official JSON schemas, and reads them: check_edited.py SCHEMAS PATH…

SCHEMAS is a folder with one of each version, as in 0.5/schemas. Prints for each path the groups that have metadata of
OME-Zarr, with their version, the schemas that they were checked by, and what these say; and of images the scale of each
level, the units and the channels, as zarr-python has them.
"""

import json
import sys
from functools import cache
from pathlib import Path

import zarr
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from zarr.storage import LocalStore, ZipStore

KINDS = {"multiscales": "image", "image-label": "label", "plate": "plate", "well": "well"}

schemas, *paths = sys.argv[1:]


@cache
def schemas_of(version):
    files = Path(schemas, version, "schemas").glob("*.schema")
    documents = {file.stem: json.loads(file.read_text()) for file in files}
    resources = [(one["$id"], DRAFT202012.create_resource(one)) for one in documents.values() if "$id" in one]
    return documents, Registry().with_resources(resources)


def check(attributes):
    ome = attributes.get("ome", attributes)
    version = ome["version"] if "ome" in attributes else "0.4"
    documents, registry = schemas_of(version)
    kinds = [kind for key, kind in KINDS.items() if key in ome]
    found = {"version": version, "kinds": kinds, "errors": []}
    for kind in kinds:
        validator = Draft202012Validator(documents[kind], registry=registry)
        found["errors"] += [f"{kind} {error.json_path}: {error.message}" for error in validator.iter_errors(attributes)]
    for multiscale in ome.get("multiscales", [])[:1]:
        systems = multiscale.get("coordinateSystems")
        axes = systems[0]["axes"] if systems else multiscale["axes"]
        found["units"] = [axis.get("unit") for axis in axes]
        found["scales"] = [scale_of(dataset["coordinateTransformations"][0]) for dataset in multiscale["datasets"]]
        found["channels"] = [channel["label"] for channel in ome.get("omero", {}).get("channels", [])]
    return found


def scale_of(transform):
    return transform["scale"] if transform["type"] == "scale" else scale_of(transform["transformations"][0])


def read(path):
    store = ZipStore(path, mode="r") if path.endswith(".ozx") else LocalStore(path, read_only=True)
    root = zarr.open_group(store, mode="r")
    groups = {"": root} | {name: node for name, node in root.members(max_depth=None) if isinstance(node, zarr.Group)}
    attributes = {name: group.attrs.asdict() for name, group in groups.items()}
    has_ome = lambda one: any(key in one.get("ome", one) for key in KINDS)
    return {name: check(one) for name, one in attributes.items() if has_ome(one)}


print(json.dumps({path: read(path) for path in paths}))
