import { memorySink, memorySource, memoryStore } from "@ozx/core";
import { openArchive, writeArchive } from "@ozx/store-zip";
import { expect, test } from "vitest";
import { findEntries } from "../src/archive/entry-table.js";

const NAMES = ["zarr.json", "0/c/0/10", "0/c/1/0", "Labels/zarr.json", "größe.txt", "0/c/10/1"];

async function directoryOf(names: readonly string[]) {
  const entries = names.map((name) => ({ key: `/${name}` as const, size: 0, content: new Uint8Array(0) }));
  const sink = memorySink();
  await writeArchive(memoryStore(), entries, new Uint8Array(0), sink);
  return (await openArchive(memorySource(sink.bytes()))).directory;
}

test.each([
  ["json", ["zarr.json", "Labels/zarr.json"]],
  ["LABELS", ["Labels/zarr.json"]],
  ["c/1", ["0/c/1/0", "0/c/10/1"]],
  // Not across the end of a name.
  ["json0", []],
  ["röße", ["größe.txt"]],
  ["", NAMES],
])("entries with %s in their names", async (text, expected) => {
  const directory = await directoryOf(NAMES);
  expect([...findEntries(directory, text)].map((index) => NAMES[index])).toEqual(expected);
});
