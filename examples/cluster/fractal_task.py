"""A task of Fractal that packs each image of a dataset: it is run with --args-json FILE and --out-json FILE.

The arguments are `zarr_url`, which Fractal fills in, and `folder`, where the archives go; `options` are more options of
`ozx convert`, such as ["--shard", "auto"].
"""

import argparse
import json
import subprocess
from pathlib import Path


def pack_image(*, zarr_url: str, folder: str, options: list[str] | None = None) -> dict:
    name = Path(zarr_url.rstrip("/"))
    output = Path(folder, name.name).with_suffix(".ozx")
    # Images of plates are all called 0: of those the path below the plate is kept.
    plate = next((parent for parent in name.parents if parent.suffix == ".zarr"), None)
    if plate is not None:
        output = Path(folder, plate.stem, *name.relative_to(plate).parts).with_suffix(".ozx")
    output.parent.mkdir(parents=True, exist_ok=True)
    if not output.exists():
        subprocess.run(["ozx", "convert", "--quiet", "--resume", zarr_url, output, *(options or [])], check=True)
    return {"image_list_updates": [{"zarr_url": zarr_url, "attributes": {"ozx": str(output)}}]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--args-json", required=True)
    parser.add_argument("--out-json", required=True)
    paths = parser.parse_args()
    result = pack_image(**json.loads(Path(paths.args_json).read_text()))
    Path(paths.out_json).write_text(json.dumps(result))
