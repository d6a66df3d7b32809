import { crc32 } from "node:zlib";
import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { entryAt } from "../../src/index.js";
import { buildZip, extraBlock, type OddEntry } from "../fixtures/build-zip.js";
import { ascii, hex, join, u32 } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { contentsOf } from "../fixtures/read-all.js";

const DATA = ascii("data");

/** The keys of an archive of these entries, every one of which must have its data. */
async function keysOf(...entries: OddEntry[]): Promise<string[]> {
  const source = memorySource(buildZip({ entries: entries.map((entry) => ({ data: DATA, ...entry })) }));
  const contents = await contentsOf(await openZipStore(source));
  for (const value of contents.values()) expect(value).toEqual(DATA);
  return [...contents.keys()];
}

describe("names", () => {
  test("in UTF-8 with its flag", async () => {
    expect(await keysOf({ name: "ä/日本/😀" })).toEqual(["/ä/日本/😀"]);
  });

  test("in UTF-8 whose flag was forgotten", async () => {
    const name = new TextEncoder().encode("ä/日本");
    expect(await keysOf({ name })).toEqual(["/ä/日本"]);
  });

  test("in code page 437, without gaps between the entries", async () => {
    // Three times as long in UTF-8, so that a length mixed up with the header's would look like an overlap.
    const boxes = hex("b0b1b2b3c9cdbb");
    expect(await keysOf({ name: hex("8184") }, { name: boxes }, { name: "plain" })).toEqual([
      "/plain",
      "/üä",
      "/░▒▓│╔═╗",
    ]);
  });

  test("that say they are UTF-8 and are not can be looked up all the same", async () => {
    const name = hex("61ff62");
    const flags = { flags: 0x800 };
    expect(await keysOf({ name, local: flags, central: flags })).toEqual(["/a\u00a0b"]);
  });

  test("that start with a byte order mark keep it", async () => {
    expect(await keysOf({ name: "\ufeffmark" })).toEqual(["/\ufeffmark"]);
  });

  test("by a Unicode Path extra field", async () => {
    const name = ascii("#U65e5");
    const extra = extraBlock(0x7075, join([1], u32(crc32(name)), "日"));
    expect(await keysOf({ name, local: { extra }, central: { extra } })).toEqual(["/日"]);
    expect(await keysOf({ name, central: { extra } })).toEqual(["/日"]);
  });

  test("a Unicode Path extra field that is not UTF-8 is passed over", async () => {
    const name = ascii("plain");
    const extra = extraBlock(0x7075, join([1], u32(crc32(name)), hex("ffff")));
    expect(await keysOf({ name, central: { extra } })).toEqual(["/plain"]);
  });

  test("of every object's members are keys like any other, and are missing where they are not there", async () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "__proto__/x"];
    const keys = await keysOf(...names.map((name) => ({ name })));
    expect(keys).toEqual(names.map((name) => `/${name}`).sort());
    const store = await openZipStore(memorySource(buildZip({ entries: [{ name: "a" }] })));
    for (const name of names) expect(await store.get(`/${name}`)).toBeUndefined();
  });

  test("of one character and of 65,535", async () => {
    const long = "x".repeat(0xffff);
    expect(await keysOf({ name: "x" }, { name: long })).toEqual(["/x", `/${long}`]);
  });

  test("that differ from the local header's are refused", async () => {
    const entries = [{ name: "right", data: DATA, local: { name: ascii("wrong") } }];
    const store = await openZipStore(memorySource(buildZip({ entries })));
    await expect(store.get("/right")).rejects.toMatchObject({ _tag: "InvalidArchive", path: "right" });
  });

  test("the directory keeps them in its order, duplicates and folders included", async () => {
    const names = ["b/", "b/2", "b/10", "a", "b/2"];
    const { archive } = await openZipStore(
      memorySource(buildZip({ entries: names.map((name) => ({ name })) })),
    );
    const rows = names.map((_, index) => entryAt(archive.directory, index));
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  });
});
