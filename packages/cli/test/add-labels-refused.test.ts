import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tempFolder } from "@ozx/testing";
import { zipSync } from "fflate";
import { addLabels, createImage } from "ozx";
import { beforeEach, expect, test } from "vitest";
import { readFolder } from "./support/folders.js";

const temp = tempFolder();
const folder = (): string => temp.path("image.zarr");

/** An image with labels `a`, all of them 7. */
beforeEach(async () => {
  const size = { axes: ["y", "x"] as const, shape: [8, 8], overwrite: true };
  const image = await createImage(folder(), { ...size, dtype: "uint8" });
  await (await image.createLabels("a")).write({}, new Uint32Array(64).fill(7));
  await image.close();
});

function archived(): string {
  const path = temp.path("image.ozx");
  writeFileSync(path, zipSync(Object.fromEntries(readFolder(folder())), { level: 0 }));
  return path;
}

test.each([
  ["a document that cannot be read", () => writeFileSync(temp.path("image.zarr/labels/a/zarr.json"), "{")],
  ["no document", () => rmSync(temp.path("image.zarr/labels/a/zarr.json"))],
  [
    "a file",
    () => {
      rmSync(temp.path("image.zarr/labels/a"), { recursive: true });
      writeFileSync(temp.path("image.zarr/labels/a"), "notes");
    },
  ],
])("labels do not go where there is something else: %s", async (_, spoil) => {
  spoil();
  const before = readFolder(folder());
  for (const path of [folder(), archived()]) {
    const adding = addLabels(path, "a");
    await expect(adding).rejects.toBeInstanceOf(RangeError);
    await expect(adding).rejects.toThrow(/remove .*\/labels\/a.*, or choose another name/);
  }
  expect(readFolder(folder())).toEqual(before);
  await (await addLabels(folder(), "b")).close();
});

test("labels do not go where a name differs in case only", async () => {
  for (const path of [folder(), archived()]) {
    await expect(addLabels(path, "A")).rejects.toThrow("a label image a in /labels already");
  }
});

test("labels that were removed and are still listed are listed once", async () => {
  rmSync(temp.path("image.zarr/labels/a"), { recursive: true });
  const labels = await addLabels(folder(), "a");
  await labels.close();
  const { attributes } = JSON.parse(readFileSync(temp.path("image.zarr/labels/zarr.json"), "utf8"));
  expect(attributes.ome.labels).toEqual(["a"]);
});

test.each(["zarr.json", "Zarr.json", ".zattrs", ".zgroup", ".hidden", "..", ""])(
  "labels are not called %j, as documents and hidden files are",
  async (name) => {
    const refused = `a label image cannot be called ${JSON.stringify(name)}`;
    await expect(addLabels(folder(), name)).rejects.toThrow(refused);
    const options = { axes: ["y", "x"] as const, shape: [8, 8], dtype: "uint8" };
    const image = await createImage(temp.path("other.zarr"), options);
    await expect(image.createLabels(name)).rejects.toThrow(refused);
    await image.discard();
  },
);
