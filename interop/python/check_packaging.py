"""Reads the files of package managers by the programs that read them, and prints as JSON what they say: FOLDER"""

import json
import sys
from pathlib import Path

import yaml
from rattler_build import PlatformConfig, RenderConfig, Stage0Recipe
from spython.main.parse.parsers import get_parser
from spython.main.parse.writers import get_writer

folder = Path(sys.argv[1])
recipe = Stage0Recipe.from_file(folder / "conda" / "recipe.yaml")


def render(platform):
    [variant] = recipe.render(render_config=RenderConfig(PlatformConfig(target_platform=platform)))
    return variant.recipe.to_dict()


parsed = get_parser("singularity")(str(folder / "container" / "ozx.def"))
json.dump(
    {
        "conda": {name: render(name) for name in ["linux-64", "linux-aarch64", "osx-64", "osx-arm64", "win-64"]},
        "apptainer": get_writer("docker")(parsed.recipe).convert(),
        "winget": {path.stem: yaml.safe_load(path.read_text()) for path in (folder / "winget").iterdir()},
    },
    sys.stdout,
    default=str,
)
