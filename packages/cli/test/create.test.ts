import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { tempFolder } from "@ozx/testing";
import { addLabels, createImage, createPlate, openOmeZarr } from "ozx";
import { expect, test } from "vitest";
import { runOzx } from "./support/run-ozx.js";

const temp = tempFolder();
const IMAGE = { axes: ["y", "x"], shape: [300, 400], dtype: "uint8", unit: "micrometer" } as const;

test.each(["image.ozx", "image.zarr"])(
  "an image is written into %s, which is valid strictly",
  async (name) => {
    const image = await createImage(temp.path(name), { ...IMAGE, shards: [512, 512], chunks: [128, 128] });
    await image.write({}, new Uint8Array(300 * 400).fill(7));
    expect(existsSync(temp.path(name))).toBe(false);
    await image.close();
    const run = await runOzx(["validate", "--deep", "--strict", temp.path(name)]);
    expect(run, run.stdout).toMatchObject({ code: 0 });
    await expect(createImage(temp.path(name), IMAGE)).rejects.toMatchObject({
      _tag: "DestinationExists",
      message: `${temp.path(name)} exists already: to replace it, pass overwrite: true`,
    });
    const forced = createImage(temp.path(name), { ...IMAGE, force: true } as never);
    await expect(forced).rejects.toThrow(
      /^an image has no option "force"; there are axes, .*, overwrite, signal$/,
    );
    const other = createImage(temp.path(name), { ...IMAGE, channels: ["DNA", "actin"] });
    await expect(other).rejects.toThrow("2 channels are described");
  },
);

test("a plate is written", async () => {
  const plate = await createPlate(temp.path("plate.ozx"), { rows: ["A"], columns: ["1", "2"] });
  const field = await plate.createField("A/2", IMAGE);
  await field.write({ y: [0, 10] }, new Uint8Array(4000).fill(3));
  await plate.close();
  const node = await openOmeZarr(temp.path("plate.ozx"));
  expect(node.wells.map(({ path }) => path)).toEqual(["/A/2"]);
  await node.close();
});

test("labels are added to an archive where it lies, again and again", async () => {
  const path = temp.path("labelled.ozx");
  const image = await createImage(path, { ...IMAGE, axes: ["c", "y", "x"], shape: [2, 300, 400] });
  await image.write({ c: 1 }, new Uint8Array(300 * 400).fill(9));
  await image.close();
  for (const name of ["cells", "nuclei"]) {
    const labels = await addLabels(path, name);
    expect(labels).toMatchObject({ path: `/labels/${name}`, shape: [300, 400], levels: 2 });
    await labels.write({}, new Uint32Array(300 * 400).fill(name.length));
    await labels.close();
  }
  const node = await openOmeZarr(path);
  expect(node.labels.map((label) => label.path)).toEqual(["/labels/cells", "/labels/nuclei"]);
  const values = await Promise.all(node.labels.map((label) => label.level(1).read({ y: 0, x: 0 })));
  expect(values.map(({ data }) => data)).toEqual([Uint32Array.of(5), Uint32Array.of(6)]);
  await node.close();
  const run = await runOzx(["validate", "--deep", path]);
  expect(run, run.stdout).toMatchObject({ code: 0 });
});

test("a file: address stands for its path, and what is no place is told of", async () => {
  const place = pathToFileURL(temp.path("by address.ozx"));
  await (await createImage(place, IMAGE)).close();
  await (await addLabels(place, "cells")).close();
  await (
    await createPlate(pathToFileURL(temp.path("plate.zarr")), { rows: ["A"], columns: ["1"] })
  ).discard();
  expect(existsSync(temp.path("by address.ozx"))).toBe(true);
  const none = undefined as never;
  for (const call of [createImage(none, IMAGE), addLabels(none, "cells")]) {
    await expect(call).rejects.toThrow("a path or an address is required");
  }
});

test("labels that cannot be added leave the file as it was", async () => {
  const path = temp.path("kept.ozx");
  await (await createImage(path, IMAGE)).close();
  const before = readFileSync(path);
  const labels = await addLabels(path, "cells");
  await labels.write({}, new Uint32Array(300 * 400).fill(1));
  await labels.discard();
  await expect(addLabels(path, "no/name")).rejects.toBeInstanceOf(RangeError);
  await expect(addLabels(path, "cells", { dtype: "float32" })).rejects.toThrow("whole numbers");
  expect(readFileSync(path).equals(before)).toBe(true);
});
