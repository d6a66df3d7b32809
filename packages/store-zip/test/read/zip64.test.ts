import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { ascii, join } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";
import { buildPattern, ZIP64_PATTERNS, type Zip64Pattern } from "../fixtures/zip64-patterns.js";

const entries: OddEntry[] = [
  { name: "zarr.json", data: ascii("{}") },
  { name: "0/c/0", data: new Uint8Array(300).fill(7) },
  { name: "0/c/1", data: ascii("deflated ".repeat(50)), deflate: true },
  { name: "late", data: ascii("its sizes follow"), descriptor: "signed" },
  { name: "empty" },
];
const contents = new Map(
  entries.map(({ name, data }) => [`/${name as string}` as const, data ?? new Uint8Array(0)] as const),
);

const openBytes = (bytes: Uint8Array) => openZipStore(memorySource(bytes));

describe("ZIP64 in a small archive", () => {
  for (const pattern of Object.keys(ZIP64_PATTERNS) as Zip64Pattern[]) {
    test(pattern, async () => {
      const bytes = buildPattern(pattern, entries);
      expect(new Map([...(await contentsOf(await openBytes(bytes)))].sort())).toEqual(
        new Map([...contents].sort()),
      );
    });

    test(`${pattern}, behind other bytes`, async () => {
      const bytes = join("#!/bin/sh\nself-extracting\n", buildPattern(pattern, entries));
      const store = await openBytes(bytes);
      expect(store.archive.end.shift).toBe(26);
      expect(await store.get("/0/c/0")).toEqual(contents.get("/0/c/0"));
    });
  }

  test("is told apart", async () => {
    const zip64 = async (pattern: Zip64Pattern) => {
      const { archive } = await openBytes(buildPattern(pattern, entries));
      return archive.end.zip64;
    };
    expect(await zip64("A: local headers")).toBeUndefined();
    expect(await zip64("D: everywhere")).toMatchObject({ sentinels: true });
    expect(await zip64("F: end records, the classic one with its values")).toMatchObject({
      sentinels: false,
    });
  });
});

describe("ZIP64 end records", () => {
  test("with an extensible data sector", async () => {
    const store = await openBytes(
      buildZip({ entries, zip64End: "sentinels", zip64EndFields: { sector: ascii("a comment, say") } }),
    );
    expect(await store.get("/zarr.json")).toEqual(ascii("{}"));
  });

  test("with 0xFFFF as disk numbers in the classic record", async () => {
    const end = { disk: 0xffff, directoryDisk: 0xffff };
    const store = await openBytes(buildZip({ entries, zip64End: "sentinels", end }));
    expect(await store.get("/zarr.json")).toEqual(ascii("{}"));
  });

  test.for([
    ["entries", { entries: 6, entriesOnDisk: 6 }],
    ["directory size", { directorySize: 1 }],
    ["directory offset", { directoryOffset: 1 }],
  ] as const)("that contradict the classic one's %s are refused", async ([, end]) => {
    await expect(openBytes(buildZip({ entries, zip64End: "plain", end }))).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test.for([
    ["nowhere", { locatorOffset: 2 ** 40 }],
    ["at itself", { locatorOffset: 1_000_000 }],
    ["to the start", { locatorOffset: 0 }],
    ["beyond 2^53", { locatorOffset: 2n ** 64n - 1n }],
  ] as const)("are found before the locator where that leads %s", async ([, zip64EndFields]) => {
    const store = await openBytes(buildZip({ entries, zip64End: "sentinels", zip64EndFields }));
    expect(store.archive.directory.count).toBe(entries.length);
  });

  test("that are missing where sentinels point to them", async () => {
    const zip64EndFields = { signature: 0x06064b51 };
    await expect(
      openBytes(buildZip({ entries, zip64End: "sentinels", zip64EndFields })),
    ).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test("are not looked for because bytes before the end record look like a locator", async () => {
    const extra = join([9, 0, 20, 0], "PK\x06\x07", new Uint8Array(16).fill(0x9c));
    const store = await openBytes(
      buildZip({ entries: [{ name: "a", data: ascii("data"), central: { extra } }] }),
    );
    expect(await store.get("/a")).toEqual(ascii("data"));
    expect(store.archive.end.zip64).toBeUndefined();
  });

  test("of an archive that spans disks", async () => {
    for (const zip64EndFields of [
      { locatorDisks: 2 },
      { locatorDisk: 1 },
      { disk: 1 },
      { directoryDisk: 1 },
    ]) {
      await expect(
        openBytes(buildZip({ entries, zip64End: "sentinels", zip64EndFields })),
      ).rejects.toMatchObject({ _tag: "Unsupported", feature: "spanned archive" });
    }
  });
});
