import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AbsolutePath } from "@ozx/core";
import {
  type EntryInput,
  type EntryProducer,
  type GeneratedEntry,
  memoryStore,
  type WriteJob,
} from "@ozx/core/container";
import { openFileSource } from "@ozx/core/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileSink, directoryTarget } from "../../src/node/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ozx-target-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function job(values: Record<AbsolutePath, string>): WriteJob {
  const bytes = Object.entries(values).map(
    ([key, text]) => [key as AbsolutePath, new TextEncoder().encode(text)] as const,
  );
  const entries: EntryInput[] = bytes.map(([key, value]) => ({ key, size: value.length, content: key }));
  return { source: memoryStore(new Map(bytes), "source"), entries };
}

describe("a folder target", () => {
  test("writes every entry, large ones too, and leaves nothing beside", async () => {
    const large = "x".repeat(3_000_000);
    const out = join(folder, "out.zarr");
    await directoryTarget(out).write(job({ "/zarr.json": "{}", "/0/c/0": large }));
    expect(readFileSync(join(out, "zarr.json"), "utf8")).toBe("{}");
    expect(readFileSync(join(out, "0/c/0"), "utf8")).toBe(large);
    expect(readdirSync(folder)).toEqual(["out.zarr"]);
  });

  test("refuses to replace anything, and with `overwrite` replaces an image", async () => {
    const out = join(folder, "out.zarr");
    await directoryTarget(out).write(job({ "/zarr.json": "1", "/old": "1" }));
    await expect(directoryTarget(out).write(job({ "/zarr.json": "2" }))).rejects.toMatchObject({
      _tag: "DestinationExists",
      replaceable: true,
    });
    expect(readFileSync(join(out, "zarr.json"), "utf8")).toBe("1");
    await directoryTarget(out, { overwrite: true }).write(job({ "/zarr.json": "2" }));
    expect(readdirSync(out)).toEqual(["zarr.json"]);
    expect(readdirSync(folder)).toEqual(["out.zarr"]);
  });

  test("a replaced folder never has the name of a partial one, which could be removed", async () => {
    const out = join(folder, "out.zarr");
    await directoryTarget(out).write(job({ "/zarr.json": "1" }));
    const names = new Set<string>();
    const watcher = watch(folder, (_, name) => names.add(String(name)));
    await directoryTarget(out, { overwrite: true }).write(job({ "/zarr.json": "2" }));
    await expect.poll(() => [...names].filter((name) => name.includes(".replaced-"))).toHaveLength(1);
    watcher.close();
    expect([...names].filter((name) => name.includes(".partial-"))).toHaveLength(1);
  });

  test("never replaces a folder with other things in it", async () => {
    const out = join(folder, "thesis");
    mkdirSync(out);
    writeFileSync(join(out, "chapter1.tex"), "years of work");
    await expect(
      directoryTarget(out, { overwrite: true }).write(job({ "/zarr.json": "2" })),
    ).rejects.toMatchObject({ _tag: "DestinationExists", replaceable: false });
    expect(readdirSync(out)).toEqual(["chapter1.tex"]);
  });

  test.each([
    ["leaves the folder", { "/../evil": "x" }],
    ["is absolute", { "//etc/evil": "x" }],
    ["has a drive letter", { "/C:/evil": "x" }],
    ["has a backslash", { "/a\\..\\evil": "x" }],
    ["has a NUL", { "/a\0b": "x" }],
    ["differs only in case", { "/a": "x", "/A": "y" }],
    ["differs only in the case of a folder", { "/a/1": "x", "/A/2": "y" }],
    ["differs only in Unicode form", { "/\u00e9": "x", "/e\u0301": "y" }],
    ["is a file and a folder", { "/a": "x", "/a/b": "y" }],
  ] as [string, Record<AbsolutePath, string>][])("refuses a name that %s", async (_, values) => {
    await expect(directoryTarget(join(folder, "out")).write(job(values))).rejects.toMatchObject({
      _tag: "UnsafeName",
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves nothing behind when the source fails, changes or is aborted", async () => {
    const out = join(folder, "out");
    const gone = job({ "/zarr.json": "{}" });
    await expect(
      directoryTarget(out).write({ ...gone, entries: [{ key: "/a", size: 1, content: "/missing" }] }),
    ).rejects.toMatchObject({ _tag: expect.stringMatching(/NotFound|SourceChanged/) });
    await expect(
      directoryTarget(out).write({ ...gone, entries: [{ key: "/a", size: 1, content: "/zarr.json" }] }),
    ).rejects.toMatchObject({ _tag: "SourceChanged" });
    await expect(directoryTarget(out).write(gone, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a missing parent folder is an error with a sentence", async () => {
    await expect(
      directoryTarget(join(folder, "no/out")).write(job({ "/zarr.json": "" })),
    ).rejects.toMatchObject({ _tag: "WriteFailed" });
  });
});

describe("a folder that grows", () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  async function* inBlocks(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield bytes(text);
  }

  test("is seen once it is committed, with all entries, added concurrently or one by one", async () => {
    const out = join(folder, "out.zarr");
    const writer = await directoryTarget(out).begin?.();
    await Promise.all([
      writer?.add({ key: "/0/c/0", bytes: inBlocks("some", " data") }),
      writer?.add({ key: "/0/c/1", bytes: inBlocks("more") }),
      writer?.add({ key: "/zarr.json", bytes: bytes("{}") }),
    ]);
    expect(existsSync(out)).toBe(false);
    await writer?.commit();
    expect(readFileSync(join(out, "0/c/0"), "utf8")).toBe("some data");
    expect(readFileSync(join(out, "0/c/1"), "utf8")).toBe("more");
    expect(readFileSync(join(out, "zarr.json"), "utf8")).toBe("{}");
    expect(readdirSync(folder)).toEqual(["out.zarr"]);
  });

  test("replaces an image only with `overwrite`", async () => {
    const out = join(folder, "out.zarr");
    await directoryTarget(out).write(job({ "/zarr.json": "1" }));
    await expect(directoryTarget(out).begin?.()).rejects.toMatchObject({ _tag: "DestinationExists" });
    const writer = await directoryTarget(out, { overwrite: true }).begin?.();
    await writer?.add({ key: "/zarr.json", bytes: bytes("2") });
    expect(readFileSync(join(out, "zarr.json"), "utf8")).toBe("1");
    await writer?.commit();
    expect(readFileSync(join(out, "zarr.json"), "utf8")).toBe("2");
    expect(readdirSync(folder)).toEqual(["out.zarr"]);
  });

  test("leaves nothing when it is discarded, also while something is still being added", async () => {
    const writer = await directoryTarget(join(folder, "out")).begin?.();
    const adding = writer?.add({ key: "/a", bytes: inBlocks(..."many small blocks") });
    await writer?.discard();
    await adding?.catch(() => {});
    expect(readdirSync(folder)).toEqual([]);
  });

  test.for<[string, AbsolutePath, object]>([
    ["stands twice", "/a", { name: "RangeError" }],
    ["leaves the folder", "/../evil", { _tag: "UnsafeName" }],
    ["differs only in case", "/A", { _tag: "UnsafeName" }],
    ["is a file and a folder", "/a/b", { _tag: "UnsafeName" }],
  ])("refuses a name that %s, and cannot be committed then", async ([, key, error]) => {
    const writer = await directoryTarget(join(folder, "out")).begin?.();
    await writer?.add({ key: "/a", bytes: bytes("x") });
    await expect(writer?.add({ key, bytes: bytes("y") })).rejects.toMatchObject(error);
    await expect(writer?.commit()).rejects.toMatchObject(error);
    await writer?.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a job may have generated entries", async () => {
    const out = join(folder, "out");
    const made = (...entries: GeneratedEntry[]): EntryProducer => ({
      entries: entries.length,
      bytes: 0,
      async *produce() {
        yield* entries;
      },
    });
    const known = job({ "/zarr.json": "{}" });
    await directoryTarget(out).write({
      ...known,
      generated: made({ key: "/c/0", bytes: inBlocks("a", "b") }, { key: "/c/1", bytes: bytes("c") }),
    });
    expect(readFileSync(join(out, "c/0"), "utf8")).toBe("ab");
    expect(readFileSync(join(out, "c/1"), "utf8")).toBe("c");
    const twice = { ...known, generated: made({ key: "/zarr.json", bytes: bytes("x") }) };
    await expect(directoryTarget(join(folder, "other")).write(twice)).rejects.toThrow(/twice/);
    expect(readdirSync(folder)).toEqual(["out"]);
  });
});

describe("a file sink", () => {
  test("shows nothing at the destination before commit, and everything after", async () => {
    const path = join(folder, "out.bin");
    const sink = await createFileSink(path);
    await sink.write(3, new Uint8Array([4, 5]));
    await sink.write(0, new Uint8Array([1, 2, 3]));
    expect(existsSync(path)).toBe(false);
    await sink.commit();
    expect([...readFileSync(path)]).toEqual([1, 2, 3, 4, 5]);
    expect(readdirSync(folder)).toEqual(["out.bin"]);
  });

  test("discard leaves no trace", async () => {
    const sink = await createFileSink(join(folder, "out.bin"));
    await sink.write(0, new Uint8Array(10));
    await sink.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("an existing file is kept until commit, and a folder always", async () => {
    const path = join(folder, "out.bin");
    writeFileSync(path, "old");
    await expect(createFileSink(path)).rejects.toMatchObject({
      _tag: "DestinationExists",
      replaceable: true,
    });
    const sink = await createFileSink(path, { overwrite: true });
    await sink.write(0, new TextEncoder().encode("new"));
    expect(readFileSync(path, "utf8")).toBe("old");
    await sink.commit();
    expect(readFileSync(path, "utf8")).toBe("new");
    await expect(createFileSink(folder, { overwrite: true })).rejects.toMatchObject({ replaceable: false });
  });

  test("a file that appears meanwhile is not overwritten", async () => {
    const path = join(folder, "out.bin");
    const sink = await createFileSink(path);
    writeFileSync(path, "somebody else's");
    await expect(sink.commit()).rejects.toMatchObject({ _tag: "DestinationExists" });
    await sink.discard();
    expect(readFileSync(path, "utf8")).toBe("somebody else's");
  });
});

test("a file that shrinks under its reader is an error, not a short read", async () => {
  const path = join(folder, "in.bin");
  writeFileSync(path, new Uint8Array(100));
  const source = await openFileSource(path);
  writeFileSync(path, new Uint8Array(10));
  await expect(source.read(0, 50)).rejects.toMatchObject({ _tag: "SourceChanged" });
  expect(() => source.readSync?.(0, new Uint8Array(50))).toThrowError(
    expect.objectContaining({ _tag: "SourceChanged" }),
  );
  await expect(source.read(90, 20)).rejects.toThrow(RangeError);
  await source.close();
  await source.close();
});
