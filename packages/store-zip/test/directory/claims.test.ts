import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { openOzx } from "../../src/format/open-ozx.js";
import { openArchive } from "../../src/read/archive.js";
import { buildZip, type OddEntry, type OddZip } from "../fixtures/build-zip.js";
import { ascii, join, u16, u32, u64 } from "../fixtures/bytes.js";
import { JSON_FIRST } from "../fixtures/large-archive.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { type Span, sparseSource } from "../fixtures/sparse-source.js";
import { countingSource } from "../fixtures/watched-source.js";

const entries: OddEntry[] = [
  { name: "a", data: ascii("one") },
  { name: "b", data: ascii("two") },
];
const invalid = { _tag: "InvalidArchive" };

const open = (spec: OddZip) => openArchive(memorySource(buildZip(spec)));

describe("counts that are wrong", () => {
  test("too few, as where 16 bits wrapped, hide nothing", async () => {
    const { directory } = await open({ entries, end: { entries: 1, entriesOnDisk: 1 } });
    expect(directory.count).toBe(2);
  });

  test.for([3, 4, 100, 0xfffe])("too many (%d) are refused", async (count) => {
    await expect(open({ entries, end: { entries: count, entriesOnDisk: count } })).rejects.toMatchObject(
      invalid,
    );
  });

  test.for([3, 2 ** 32, 2n ** 53n, 2n ** 64n - 1n])("too many in the ZIP64 record (%s)", async (count) => {
    const zip64EndFields = { entries: count, entriesOnDisk: count };
    await expect(open({ entries, zip64End: "sentinels", zip64EndFields })).rejects.toMatchObject(invalid);
  });

  test("some of the entries on another disk", async () => {
    await expect(open({ entries, end: { entriesOnDisk: 1 } })).rejects.toMatchObject({
      _tag: "Unsupported",
      feature: "spanned archive",
    });
  });
});

describe("sizes and offsets that are wrong", () => {
  test.for([
    ["directory size 0", { directorySize: 0 }],
    ["directory size one less", { directorySize: 93 }],
    ["directory size one more", { directorySize: 95 }],
    ["directory size of 4 GiB", { directorySize: 0xffff_fffe }],
    ["directory offset one more", { directoryOffset: 69 }],
    ["directory offset of 4 GiB", { directoryOffset: 0xffff_fffe }],
  ] as const)("%s", async ([, end]) => {
    await expect(open({ entries, end })).rejects.toMatchObject(invalid);
  });

  test.for([2 ** 31, 2 ** 40, 2n ** 53n, 2n ** 64n - 1n])("%s in the ZIP64 record", async (value) => {
    for (const zip64EndFields of [{ directorySize: value }, { directoryOffset: value }]) {
      await expect(open({ entries, zip64End: "sentinels", zip64EndFields })).rejects.toMatchObject(invalid);
    }
  });

  test("an offset that does not matter, there being no entries", async () => {
    for (const directoryOffset of [2 ** 40, 2n ** 64n - 1n]) {
      const empty = await open({ zip64End: "sentinels", zip64EndFields: { directoryOffset } });
      expect(empty.directory.count).toBe(0);
    }
  });

  test("an entry's sizes and offset beyond 2^53 leave the others readable", async () => {
    const extra = join(u16(1), u16(24), u64(2n ** 60n), u64(2n ** 60n), u64(2n ** 60n));
    const wrong = { size: 0xffff_ffff, compressedSize: 0xffff_ffff, headerOffset: 0xffff_ffff, extra };
    const store = await openZipStore(
      memorySource(buildZip({ entries: [...entries, { name: "huge", central: wrong }] })),
    );
    await expect(store.get("/huge")).rejects.toMatchObject({ _tag: "InvalidArchive", path: "huge" });
    expect(await store.get("/b")).toEqual(ascii("two"));
  });
});

describe("nothing is read or allocated because an archive claims it", () => {
  test("a ZIP64 record that claims 2^40 entries costs no more than its tail", async () => {
    const bytes = buildZip({
      entries,
      zip64End: "sentinels",
      zip64EndFields: { entries: 2 ** 40, entriesOnDisk: 2 ** 40 },
    });
    const { source, read } = countingSource(memorySource(bytes));
    await expect(openArchive(source)).rejects.toMatchObject(invalid);
    expect(read.bytes).toBeLessThan(2 * bytes.length);
  });

  test("a directory of 900 GB in a file that is large enough for it", async () => {
    const size = 2 ** 40;
    const tail = buildZip({
      zip64End: "sentinels",
      zip64EndFields: {
        entries: 2 ** 30,
        entriesOnDisk: 2 ** 30,
        directorySize: 900e9,
        directoryOffset: 1000,
        locatorOffset: size - 98,
      },
    });
    const spans: Span[] = [
      [1000, u32(0x02014b50)],
      [size - tail.length, tail],
    ];
    const { source, read } = countingSource(sparseSource(size, spans));
    await expect(openArchive(source)).rejects.toMatchObject({ _tag: "Unsupported" });
    expect(read.bytes).toBeLessThan(200_000);
  });

  describe("a directory of 3 GB on a server", () => {
    const size = 2 ** 33;
    const directorySize = 3e9;
    /** A header of 64 bytes for a document, over and over. */
    const header = join(
      u32(0x02014b50),
      new Uint8Array(24),
      u16(18),
      new Uint8Array(16),
      ascii("aaaaaaaa/zarr.json"),
    );
    const headers = new Uint8Array(2 ** 20).map((_, at) => header[at % header.length] as number);
    const remote = (count: number, comment: Uint8Array = new Uint8Array(0)) => {
      const tailLength = 98 + comment.length;
      const directoryOffset = size - tailLength - directorySize;
      const locatorOffset = size - tailLength;
      const zip64EndFields = {
        entries: count,
        entriesOnDisk: count,
        directorySize,
        directoryOffset,
        locatorOffset,
      };
      const tail = buildZip({ zip64End: "sentinels", zip64EndFields, comment });
      const starts = Array.from({ length: 72 }, (_, k) => directoryOffset + k * headers.length);
      const spans = starts.map((at): Span => [at, headers]);
      return countingSource(sparseSource(size, [...spans, [size - tailLength, tail]]));
    };

    test.for([
      ["five entries", 5, 64_000_000],
      ["a million entries", 1e6, 1_024_000_000],
      ["as many entries as fit into it", 50_000_000, 2 ** 30],
    ] as const)("for %s is not read", async ([, count, most]) => {
      const { source, read } = remote(count);
      await expect(openArchive(source)).rejects.toMatchObject({
        _tag: "Unsupported",
        message: expect.stringContaining(`at most ${most} are read from a server`),
      });
      expect(read.bytes).toBeLessThan(200_000);
    });

    test("is read where that is allowed", async () => {
      const { source, read } = remote(5);
      await expect(openArchive(source, { maxMetadata: 4e9 })).rejects.toMatchObject(invalid);
      expect(read.bytes).toBeGreaterThan(2 ** 20);
    });

    test("that says jsonFirst, and lists documents without end, is read up to the limit", async () => {
      const { source, read } = remote(5, JSON_FIRST);
      await expect(openOzx(source)).rejects.toMatchObject({ _tag: "Unsupported" });
      expect(read.bytes).toBeLessThan(80e6);
    });
  });

  test("an entry of which the file holds no byte", async () => {
    const claim = { size: 0x7fff_ffff, compressedSize: 0x7fff_ffff };
    const bytes = buildZip({ entries: [{ name: "a", local: claim, central: claim }] });
    const { source, read } = countingSource(memorySource(bytes));
    const store = await openZipStore(source);
    await expect(store.get("/a")).rejects.toMatchObject(invalid);
    expect(read.bytes).toBeLessThan(1000);
  });

  test("a deflated entry that declares a gigabyte", async () => {
    const claim = { size: 2 ** 30 };
    const bytes = buildZip({
      entries: [{ name: "a", data: ascii("tiny"), deflate: true, local: claim, central: claim }],
    });
    const store = await openZipStore(memorySource(bytes));
    const before = process.memoryUsage().arrayBuffers;
    await expect(store.get("/a")).rejects.toMatchObject({ _tag: "CorruptData" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
  });
});
