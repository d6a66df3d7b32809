import { deflateRawSync } from "node:zlib";
import { isOzxError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import type { ZipStore } from "../../src/read/zip-store.js";
import { buildZip, type OddEntry } from "../fixtures/build-zip.js";
import { ascii, u32 } from "../fixtures/bytes.js";
import { openZipStore } from "../fixtures/open-zip.js";
import { expectBytes } from "../fixtures/same-bytes.js";

const DATA = ascii("some data, long enough to be deflated, deflated, deflated");
const plain: OddEntry = { name: "plain", data: DATA };

const openEntries = (...entries: OddEntry[]): Promise<ZipStore> =>
  openZipStore(memorySource(buildZip({ entries: [...entries, plain] }), "some.zip"));

async function drain(store: ZipStore, key: `/${string}`): Promise<number> {
  let size = 0;
  for await (const piece of (await store.stream(key)) ?? []) size += piece.length;
  return size;
}

/** Every way to a value must be refused in the same way, and other entries stay readable. */
async function expectRefused(entry: OddEntry, error: object): Promise<void> {
  const store = await openEntries(entry);
  const key = `/${entry.name as string}` as const;
  await expect(store.get(key)).rejects.toMatchObject(error);
  await expect(drain(store, key)).rejects.toMatchObject(error);
  expect(() => store.readSync?.(key, new Uint8Array(9))).toThrow(expect.objectContaining(error));
  await expect(store.getRange(key, { offset: 0, length: 4 })).rejects.toMatchObject(error);
  expect(await store.get("/plain")).toEqual(DATA);
}

describe("what cannot be read is refused by its name", () => {
  const place = { location: "some.zip", path: "x" };

  test.for([1, 1 << 6, 1 << 13])("encryption, flag %d", async (flags) => {
    await expectRefused(
      { name: "x", data: DATA, local: { flags }, central: { flags } },
      { _tag: "Unsupported", feature: "encryption", ...place },
    );
  });

  test("AES encryption", async () => {
    const method = { method: 99 };
    await expectRefused(
      { name: "x", data: DATA, local: method, central: method },
      { _tag: "Unsupported", feature: "encryption", ...place },
    );
  });

  test.for([1, 6, 9, 12, 14, 93, 95, 97])("compression method %d", async (method) => {
    await expectRefused(
      { name: "x", data: DATA, local: { method }, central: { method } },
      { _tag: "Unsupported", feature: `compression method ${method}`, ...place },
    );
  });

  test.for([3, 19])("a symbolic link made on system %d", async (system) => {
    const central = { madeBy: (system << 8) | 20, externalAttributes: 0o120777 * 0x1_0000 };
    await expectRefused(
      { name: "x", data: ascii("/etc/passwd"), central },
      { _tag: "Unsupported", feature: "symbolic link", ...place },
    );
  });

  test("attributes that only look like a link's, made on a system without links", async () => {
    const central = { madeBy: 20, externalAttributes: 0o120777 * 0x1_0000 };
    const store = await openEntries({ name: "x", data: DATA, central });
    expect(await store.get("/x")).toEqual(DATA);
  });

  test("a stored entry with two sizes", async () => {
    const sizes = { size: DATA.length + 1 };
    await expectRefused(
      { name: "x", data: DATA, local: sizes, central: sizes },
      { _tag: "InvalidArchive", ...place },
    );
  });
});

describe("a local header that is not what the directory says", () => {
  test.for([
    ["signature", { signature: 0x04034b51 }],
    ["name", { name: ascii("y") }],
    ["a longer name", { name: ascii("xx") }],
    ["method", { method: 8 }],
    ["CRC", { crc: 1 }],
    ["size", { size: 1 }],
    ["compressed size", { compressedSize: 1 }],
    ["a damaged extra field", { extra: ascii("\x01\x00\xff\xffabcd") }],
  ] as const)("%s", async ([, local]) => {
    const store = await openEntries({ name: "x", data: DATA, local });
    const error = { _tag: "InvalidArchive", location: "some.zip", path: "x" };
    await expect(store.get("/x")).rejects.toMatchObject(error);
    await expect(drain(store, "/x")).rejects.toMatchObject(error);
    await expect(store.getRange("/x", { offset: 0, length: 1 })).rejects.toMatchObject(error);
    expect(() => store.readSync?.("/x", new Uint8Array(1))).toThrow(expect.objectContaining(error));
    expect(await store.get("/plain")).toEqual(DATA);
  });

  test("times, versions and other extra fields may differ", async () => {
    const extra = ascii("UT\x05\x00\x03abcd");
    const store = await openEntries({
      name: "x",
      data: DATA,
      local: { versionNeeded: 10, extra },
      central: { versionNeeded: 63 },
    });
    expect(await store.get("/x")).toEqual(DATA);
  });

  test("zeros before a data descriptor are no difference", async () => {
    for (const descriptor of ["signed", "bare"] as const) {
      const store = await openEntries({ name: "x", data: DATA, deflate: true, descriptor });
      expect(await store.get("/x")).toEqual(DATA);
    }
  });
});

describe("data that are not what the directory says", () => {
  const corrupt = { _tag: "CorruptData", location: "some.zip", path: "x" };

  test.for([false, true])("a wrong CRC (deflated: %s)", async (deflate) => {
    const crc = { crc: 0x12345678 };
    const store = await openEntries({ name: "x", data: DATA, deflate, local: crc, central: crc });
    await expect(store.get("/x")).rejects.toMatchObject(corrupt);
    expect(() => store.readSync?.("/x", new Uint8Array(100))).toThrow(expect.objectContaining(corrupt));
    let streamed = 0;
    const stream = async (): Promise<void> => {
      for await (const piece of (await store.stream("/x")) ?? []) streamed += piece.length;
    };
    await expect(stream()).rejects.toMatchObject(corrupt);
    expect(streamed, "all bytes come before the error").toBe(DATA.length);
  });

  test("a CRC cannot be checked on part of a stored value", async () => {
    const crc = { crc: 1 };
    const store = await openEntries({ name: "x", data: DATA, local: crc, central: crc });
    expect(await store.getRange("/x", { offset: 5, length: 4 })).toEqual(DATA.subarray(5, 9));
  });

  test.for([
    ["one byte more than declared", { size: DATA.length - 1 }],
    ["one byte less than declared", { size: DATA.length + 1 }],
    ["nothing declared", { size: 0 }],
  ] as const)("a deflate stream with %s", async ([, size]) => {
    await expectRefused({ name: "x", data: DATA, deflate: true, local: size, central: size }, corrupt);
  });

  test.for([
    ["truncated", (packed: Uint8Array) => packed.subarray(0, packed.length - 3)],
    ["of noise", () => Uint8Array.from({ length: 50 }, (_, i) => (i * 89 + 7) & 0xff)],
    ["of nothing", () => new Uint8Array(0)],
    ["with a byte behind its end", (packed: Uint8Array) => Uint8Array.of(...packed, 0)],
    ["with an invalid block type", () => Uint8Array.of(0xff, 0xff, 0xff)],
  ] as const)("a deflate stream %s", async ([, damage]) => {
    const packed = damage(deflateRawSync(DATA));
    await expectRefused({ name: "x", data: DATA, deflate: true, packed }, corrupt);
  });

  test("megabytes behind the end of a deflate stream are not gathered", async () => {
    const packed = new Uint8Array(8 * 2 ** 20);
    packed.set(deflateRawSync(DATA));
    await expectRefused({ name: "x", data: DATA, deflate: true, packed }, corrupt);
  });

  test("long stored blocks inside a deflate stream are no end of it", async () => {
    const data = Uint8Array.from({ length: 400_000 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 24) & 0xff);
    const packed = new Uint8Array(deflateRawSync(data, { level: 0 }));
    const store = await openEntries({ name: "x", data, deflate: true, packed });
    expectBytes(await store.get("/x"), data);
  });
});

describe("archives that are no whole archive", () => {
  const open = (bytes: Uint8Array) => openZipStore(memorySource(bytes, "some.zip"));

  test("the first part of a spanned archive", async () => {
    await expect(open(new Uint8Array([...u32(0x08074b50), ...DATA]))).rejects.toMatchObject({
      _tag: "Unsupported",
      feature: "spanned archive",
    });
  });

  test("the last part of a spanned archive", async () => {
    for (const end of [{ disk: 1 }, { directoryDisk: 1 }, { disk: 1, directoryDisk: 1 }]) {
      await expect(open(buildZip({ entries: [plain], end }))).rejects.toMatchObject({
        _tag: "Unsupported",
        feature: "spanned archive",
      });
    }
  });

  test("an entry on another disk", async () => {
    await expect(open(buildZip({ entries: [{ ...plain, central: { disk: 1 } }] }))).rejects.toSatisfy(
      (error) => isOzxError(error),
    );
  });

  test("bytes after the comment", async () => {
    await expect(open(buildZip({ entries: [plain], suffix: ascii("\n") }))).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test("a comment that is longer than the file", async () => {
    const end = { commentLength: 10 };
    await expect(open(buildZip({ entries: [plain], comment: "short", end }))).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test("a front that was cut off", async () => {
    await expect(open(buildZip({ entries: [plain, plain] }).subarray(10))).rejects.toMatchObject({
      _tag: "InvalidArchive",
    });
  });

  test("messages name the archive and say what to do", async () => {
    const whole = buildZip({ entries: [plain] });
    await expect(open(whole.subarray(0, 60))).rejects.toThrow(/some\.zip.*truncated.*again/);
    await expect(open(ascii("hello, I am text"))).rejects.toThrow(/some\.zip is not a zip archive/);
  });
});
