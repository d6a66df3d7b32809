import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, sharedPath, skipFor, withoutSharedData } from "@ozx/testing";
import { beforeAll, expect, test } from "vitest";
import { createImage, createPlate, type NewImageOptions } from "../../packages/cli/src/index.js";
import { inInterop, python, readersPython, run, runOzx, runPython } from "../support/run.js";
import { describeWithTools } from "../support/tools.js";

/** What a program reads of an image. */
interface Described {
  readonly scales: number[][];
  readonly units: (string | null)[];
  readonly channels: string[];
}

interface Checked extends Partial<Described> {
  readonly version: string;
  readonly kinds: string[];
  readonly errors: string[];
}

const VERSIONS = ["0.4", "0.5", "0.6", "0.9.dev1"] as const;
const folder = inInterop(".cache/work/edited");
const at = (name: string): string => join(folder, name);
const IMAGES = [...VERSIONS.map((version) => at(`image-${version}.zarr`)), at("image.ozx")];
const PLATES = VERSIONS.map((version) => at(`plate-${version}.zarr`));
const EDITED: Described = {
  scales: [
    [1, 2, 0.65, 0.65],
    [1, 2, 1.3, 1.3],
  ],
  units: [null, "nanometer", "nanometer", "nanometer"],
  channels: ["DNA", "F-actin"],
};
const IMAGE = {
  axes: ["c", "z", "y", "x"],
  shape: [2, 3, 20, 20],
  dtype: "uint16",
  unit: "micrometer",
  scale: [1, 1, 0.5, 0.5],
  levels: 2,
  channels: ["Nuclei", "Actin"],
} satisfies NewImageOptions;
const SCHEMAS = sharedPath("ngff-spec");

const EDIT = [
  ...["--scale", "z=2,y=0.65,x=0.65", "--unit", "nm"],
  ...["--channel", "0:name=DNA,color=00FFFF,window=0..700", "--rename-channel", "Actin=F-actin"],
];

/** The draft 0.9.dev1 has the members of 0.6; ozx reads and edits it, and does not convert to it. */
async function asDraft(path: string): Promise<void> {
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.name !== "zarr.json") continue;
    const file = join(entry.parentPath, entry.name);
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replaceAll(/("version": *)"0\.6"/g, '$1"0.9.dev1"'));
  }
}

/** Writes an image or a plate in a version, of an `.ozx`, and edits it. */
async function writeEdited(source: string, version: string, output: string, edit: readonly string[]) {
  const written = version === "0.9.dev1" ? "0.6" : version;
  await runOzx("convert", "-q", source, output, "--ome-zarr-version", written);
  if (version === "0.9.dev1") await asDraft(output);
  await runOzx("edit", "-q", output, ...edit);
}

const OF_PLATE = ["--name", "screen", "--acquisition", "1:name=day 2"];

/** Why ome-zarr-py and ngff-zarr are not tested: they are never required, as they bring half a gigabyte. */
function withoutReaders(): string | undefined {
  return findProgram(readersPython) === undefined ? "interop/setup.sh readers installs them" : undefined;
}

describeWithTools("after an edit", [python], () => {
  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const image = await createImage(at("image.ozx"), IMAGE);
    await image.createLabels("cells", { dtype: "uint8" });
    await image.close();
    const acquisitions = [{ id: 0 }, { id: 1 }];
    const plate = await createPlate(at("plate.ozx"), { rows: ["A", "B"], columns: ["1", "2"], acquisitions });
    for (const [acquisition, well] of ["A/1", "B/2"].entries())
      await plate.createField(well, { ...IMAGE, acquisition });
    await plate.close();
    for (const version of VERSIONS) {
      await Promise.all([
        writeEdited(at("image.ozx"), version, at(`image-${version}.zarr`), EDIT),
        writeEdited(at("plate.ozx"), version, at(`plate-${version}.zarr`), [...EDIT, ...OF_PLATE]),
      ]);
    }
    await runOzx("edit", "-q", at("image.ozx"), ...EDIT);
  });

  test(
    "documents pass the official schemas, and zarr-python reads the new scale and channels",
    skipFor(withoutSharedData("ngff-spec")),
    async () => {
      const found = (await runPython("check_edited.py", SCHEMAS, ...IMAGES, ...PLATES)) as {
        readonly [path: string]: { readonly [group: string]: Checked };
      };
      for (const version of VERSIONS) {
        const image = found[at(`image-${version}.zarr`)] ?? {};
        expect(Object.keys(image)).toEqual(["", "labels/cells"]);
        expect(image[""]).toEqual({ version, kinds: ["image"], errors: [], ...EDITED });
        expect(image["labels/cells"]).toMatchObject({
          version,
          kinds: ["image", "label"],
          errors: [],
          scales: EDITED.scales.map((scale) => scale.slice(1)),
          units: EDITED.units.slice(1),
        });
        const plate = found[at(`plate-${version}.zarr`)] ?? {};
        expect(Object.keys(plate).sort()).toEqual(["", "A/1", "A/1/0", "B/2", "B/2/0"]);
        expect(plate[""]).toEqual({ version, kinds: ["plate"], errors: [] });
        for (const field of ["A/1/0", "B/2/0"]) expect(plate[field]).toMatchObject({ errors: [], ...EDITED });
      }
      expect(found[at("image.ozx")]?.[""]).toEqual({
        version: "0.5",
        kinds: ["image"],
        errors: [],
        ...EDITED,
      });
    },
  );

  test(
    "ome-zarr-py and ngff-zarr read the new scale, units and channels",
    skipFor(withoutReaders()),
    async () => {
      const paths = ["0.4", "0.5"].map((version) => at(`image-${version}.zarr`));
      const text = await run(readersPython, [inInterop("python/read_edited.py"), ...paths]);
      for (const path of paths)
        expect(JSON.parse(text)[path]).toEqual({ "ome-zarr-py": EDITED, "ngff-zarr": EDITED });
    },
  );
});
