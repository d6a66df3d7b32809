import { readFileSync } from "node:fs";
import type { AbsolutePath } from "@ozx/core";
import { arrayDocument, encodeJson, imageMetadata, smallImage, tempFolder } from "@ozx/testing";
import { expect, test } from "vitest";
import { readFolder, writeEntries } from "./support/folders.js";
import { runOzx } from "./support/run-ozx.js";
import { runParts } from "./support/run-parts.js";

const temp = tempFolder();
const ozx = (...args: string[]) => runOzx(args, { cwd: temp.path() });

function writeFolder(name: string, values: ReadonlyMap<AbsolutePath, Uint8Array>): void {
  writeEntries(temp.path(name), values);
}

const valueAt = (index: number): number => index;

/** As SpatialData lays it out: an image and tables in a group that is neither. */
const groupOfAll = smallImage(
  { "/": undefined, "/images": undefined, "/images/a": imageMetadata("yx"), "/tables": undefined },
  {
    "/images/a/0": { shape: [4, 6], valueAt },
    "/tables/x": { shape: [7], chunks: [3], dataType: "uint8", valueAt },
  },
);
groupOfAll.set("/tables/notes.txt", new TextEncoder().encode("by hand"));

const arrayV2 = new Map<AbsolutePath, Uint8Array>([
  [
    "/.zarray",
    encodeJson({
      ...{ zarr_format: 2, shape: [4], chunks: [2], dtype: "<u2", order: "C" },
      ...{ compressor: null, filters: null, fill_value: 0 },
    }),
  ],
  // As zarr-python writes it.
  ["/.zattrs", new TextEncoder().encode('{"limit": NaN}')],
  ["/0", new Uint8Array(4)],
  ["/1", new Uint8Array([1, 2, 3, 4])],
]);

const groupV2 = new Map<AbsolutePath, Uint8Array>([
  ["/.zgroup", encodeJson({ zarr_format: 2 })],
  ...[...arrayV2].map(([key, bytes]) => [`/a${key}`, bytes] as const),
]);

const arrayV3 = new Map([
  ["/zarr.json" as AbsolutePath, encodeJson(arrayDocument({ shape: [2], dataType: "uint8" }))],
  ["/c/0" as AbsolutePath, new Uint8Array([1, 2])],
]);

const HIERARCHIES = [
  ["a group with an image and tables in it", "all.zarr", groupOfAll, "v3"],
  ["a group of Zarr v2", "group2.zarr", groupV2, "v2"],
  ["a single array", "array3.zarr", arrayV3, "v3"],
  ["a single array of Zarr v2", "array2.zarr", arrayV2, "v2"],
] as const;

test.each(HIERARCHIES)(
  "%s goes into a .zip and out again, byte for byte",
  async (_, name, values, format) => {
    writeFolder(name, values);
    const zip = name.replace("zarr", "zip");
    const packed = await ozx("convert", name, zip, "--verify");
    expect(packed, packed.stderr).toMatchObject({ code: 0 });
    expect(packed.stderr).toContain(`${zip}: Zarr ${format}, ${values.size} entries`);
    const unpacked = await ozx("convert", zip, `back-${name}`);
    expect(unpacked, unpacked.stderr).toMatchObject({ code: 0 });
    expect(readFolder(temp.path(`back-${name}`))).toEqual(readFolder(temp.path(name)));
    expect(await ozx("verify", name, zip)).toMatchObject({ code: 0 });
    expect(await ozx("verify", "--bytes", name, zip)).toMatchObject({ code: 0 });
  },
);

test("verify tells a plain array of which one value differs", async () => {
  writeFolder("one.zarr", arrayV3);
  writeFolder("other.zarr", new Map([...arrayV3, ["/c/0", new Uint8Array([1, 3])]]));
  await ozx("convert", "other.zarr", "other.zip");
  const run = await ozx("verify", "one.zarr", "other.zip");
  expect(run).toMatchObject({ code: 1 });
  expect(run.stdout).toContain("/ differs first at (1): 2 in one.zarr, 3 in other.zip.");
});

test.each([
  ["an .ozx", ["plain.ozx"]],
  ["another codec", ["plain.zip", "--codec", "zstd"]],
  ["shards", ["plain.zip", "--shard", "auto"]],
  ["another version", ["plain.zip", "--ome-zarr-version", "0.5"]],
])("what is not OME-Zarr is refused for %s, with the way out", async (_, args) => {
  writeFolder("plain.zarr", groupOfAll);
  const run = await ozx("convert", "plain.zarr", ...args);
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toContain(
    "plain.zarr is not OME-Zarr: it is a Zarr group without OME-Zarr metadata; give plain.zarr/images/a, or copy all of it as it is, without other options, to a name that ends in .zip (RFC-9 allows only OME-Zarr in an .ozx)",
  );
});

test("an image in a .zip is the same file as in an .ozx", async () => {
  writeFolder("image.zarr", smallImage({ "/": imageMetadata("yx") }, { "/0": { shape: [4, 4], valueAt } }));
  for (const output of ["image.zip", "image.ozx"]) await ozx("convert", "image.zarr", output);
  expect(readFileSync(temp.path("image.zip"))).toEqual(readFileSync(temp.path("image.ozx")));
});

test("many processes write the .zip of a plain hierarchy as one does", async () => {
  writeFolder("parts.zarr", groupOfAll);
  await ozx("convert", "parts.zarr", "whole.zip");
  await ozx("plan", "parts.zarr", "parts.zip", "--parts", "2", "-o", "plan.json");
  await runParts(temp.path(), "plan.json");
  const run = await ozx("finish", "plan.json");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(temp.path("parts.zip"))).toEqual(readFileSync(temp.path("whole.zip")));
});

test("fix promises no comment to a .zip that has no version for it", async () => {
  writeFolder("fixed.zarr", groupOfAll);
  await ozx("convert", "fixed.zarr", "fixed.zip");
  const run = await ozx("fix", "fixed.zip");
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.stderr).toContain("fixed.zip: nothing to repair");
});
