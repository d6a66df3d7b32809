import { readFileSync } from "node:fs";
import { inRoot } from "../../lib/paths.mjs";
import { computed, noClaim, tested } from "./evidence.js";

const README = "README.md";

/** What is said of other programs: of those that read what ozx writes, tests tell. */
export const PEERS = [
  ...[
    ["unzip", "interop/test/archivers.test.ts", "Info-ZIP unzip"],
    ["bsdtar", "interop/test/archivers.test.ts", "bsdtar"],
    ["7-Zip", "interop/test/archivers.test.ts", "7-Zip"],
    ["Python's zipfile", "interop/test/python-zipfile.test.ts", "reads every entry, stored"],
    ["zarr-python", "interop/test/zarr-python.test.ts", "zarr-python's ZipStore"],
    ["zarrita", "interop/test/zarrita-zip-file-store.test.ts", "describeSubjects"],
  ].map(([program = "", file = "", name = ""]) => tested(README, program, file, name)),
  noClaim(README, "as of November 2026"),
  ...[
    [README, "neuroglancer after 2.41.2"],
    ["docs/recipes.md", "Version 2.41.2, the last one on npm and PyPI"],
  ].map(([file = "", phrase = ""]) => computed(file, phrase, () => [installed("NEUROGLANCER")])),
];

/** The version of a library that `interop/setup.sh` installs. */
function installed(variable: string): string {
  const [, version = ""] =
    new RegExp(`^${variable}=(.*)$`, "m").exec(readFileSync(inRoot("interop/setup.sh"), "utf8")) ?? [];
  return version;
}
