import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inInterop, python, run, rustOzx } from "./run.js";

/** A way to zip an OME-Zarr folder without ozx. */
interface ForeignPacker {
  readonly name: string;
  readonly tools: readonly string[];
  pack(folder: string, archive: string): Promise<unknown>;
}

/** Packers that know nothing of Zarr. */
export const foreignPackers: readonly ForeignPacker[] = [
  {
    name: "zip -0 -r",
    tools: ["zip"],
    pack: (folder, archive) => run("zip", ["-0", "-q", "-r", archive, "."], folder),
  },
  {
    name: "zip -r, deflated",
    tools: ["zip"],
    pack: (folder, archive) => run("zip", ["-q", "-r", archive, "."], folder),
  },
  {
    name: "zip -r of the folder itself, so that the image is in a sub-folder",
    tools: ["zip"],
    pack: (folder, archive) => run("zip", ["-q", "-r", archive, basename(folder)], dirname(folder)),
  },
  {
    name: "Python's zipfile, stored",
    tools: [python],
    pack: (folder, archive) => run(python, [packZipfile, folder, archive, "stored"]),
  },
  {
    name: "Python's zipfile, deflated",
    tools: [python],
    pack: (folder, archive) => run(python, [packZipfile, folder, archive, "deflated"]),
  },
  {
    name: "bsdtar, which writes sizes after the data",
    tools: ["bsdtar"],
    pack: async (folder, archive) =>
      run("bsdtar", ["--format", "zip", "-cf", archive, ...(await readdir(folder))], folder),
  },
  {
    name: "7-Zip",
    tools: ["7z"],
    pack: (folder, archive) => run("7z", ["a", "-tzip", "-bd", archive, "."], folder),
  },
];

/** The Rust ozx, which packs Zarr v3 only. */
export const rustPacker: ForeignPacker = {
  name: "the Rust ozx",
  tools: [rustOzx],
  pack: (folder, archive) => run(rustOzx, ["create", archive, folder]),
};

const packZipfile = inInterop("python/pack_zipfile.py");
