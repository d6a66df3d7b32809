import { openOzx } from "@ozx/store-zip";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { findEntries } from "../src/archive/entry-table.js";

const NAMES = ["zarr.json", "0/c/0/10", "0/c/1/0", "Labels/zarr.json", "größe.txt", "0/c/10/1"];

async function directoryOf(names: readonly string[]) {
  const files = Object.fromEntries(names.map((name) => [name, new Uint8Array(0)]));
  const store = await openOzx(new Blob([zipSync(files)]), { root: "/" });
  return (await store.loadArchive()).directory;
}

test.for<[text: string, expected: string[]]>([
  ["json", ["zarr.json", "Labels/zarr.json"]],
  ["LABELS", ["Labels/zarr.json"]],
  ["c/1", ["0/c/1/0", "0/c/10/1"]],
  // A match must not span two names.
  ["json0", []],
  ["röße", ["größe.txt"]],
  ["", NAMES],
])("entries with %s in their names", async ([text, expected]) => {
  const directory = await directoryOf(NAMES);
  expect([...findEntries(directory, text)].map((index) => NAMES[index])).toEqual(expected);
});
