import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { findEntry } from "../../src/index.js";
import { buildZip } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";

describe("a name that stands twice", () => {
  const entries = [
    { name: "zarr.json", data: ascii("first") },
    { name: "other", data: ascii("other") },
    { name: "zarr.json", data: ascii("second") },
    { name: "zarr.json", data: ascii("third") },
  ];

  test("has the value of its last header, and is listed once", async () => {
    const store = await openZipStore(memorySource(buildZip({ entries })));
    expect(await contentsOf(store)).toEqual(
      new Map([
        ["/other", ascii("other")],
        ["/zarr.json", ascii("third")],
      ]),
    );
    expect(findEntry(store.archive.directory, "zarr.json")?.index).toBe(3);
  });

  test("counts by the directory's order, not by that of the data", async () => {
    const store = await openZipStore(memorySource(buildZip({ entries, listing: [3, 2, 1, 0] })));
    expect(await store.get("/zarr.json")).toEqual(ascii("first"));
  });

  test("is one name for a reader, also when one header has it in another encoding", async () => {
    const cp437 = { name: Uint8Array.of(0x81), data: ascii("old") };
    const utf8 = { name: "ü", data: ascii("new") };
    const store = await openZipStore(memorySource(buildZip({ entries: [cp437, utf8] })));
    expect(await contentsOf(store)).toEqual(new Map([["/ü", ascii("new")]]));
  });
});

test("a file and a folder of one name do not shadow each other", async () => {
  const entries = [{ name: "a", data: ascii("file") }, { name: "a/" }, { name: "a/b", data: ascii("b") }];
  const store = await openZipStore(memorySource(buildZip({ entries })));
  expect([...(await contentsOf(store)).keys()]).toEqual(["/a", "/a/b"]);
});
