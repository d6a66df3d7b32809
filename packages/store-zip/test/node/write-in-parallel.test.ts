import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planTransfer, selectView } from "@ozx/convert";
import { createFileSink } from "@ozx/convert/node";
import type { AbsolutePath, Store, StoreFormat } from "@ozx/core";
import { collectEntries, type EntryInput, memorySink } from "@ozx/core/container";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { openPath } from "@ozx/core/node";
import { ozxFormat } from "@ozx/store-zip";
import { describeSample, outsideSample, skipFor, testSample, writeSampleFolder } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What is built, because threads are started from a file of its own.
const BUILT = new URL("../../dist/bundled/node.js", import.meta.url).href;

let folder: string;
let threaded: StoreFormat;
let source: Store;
let entries: EntryInput[];

beforeAll(async () => {
  ({ ozxFormat: threaded } = (await import(BUILT)) as { ozxFormat: StoreFormat });
  folder = mkdtempSync(join(tmpdir(), "ozx-parallel-"));
  mkdirSync(join(folder, "image/c"), { recursive: true });
  mkdirSync(join(folder, "out"));
  const sizes = Array.from({ length: 400 }, (_, index) => (index % 7) * 1000 + index);
  sizes.push(3_000_000, 1024 * 1024, 0, 5_000_000);
  const chunks = sizes.map((size, index): EntryInput => {
    writeFileSync(join(folder, "image/c", `${index}`), new Uint8Array(size).fill(index * 31));
    const key: AbsolutePath = `/c/${index}`;
    // Some go by another name in the archive, as when metadata is upgraded.
    return { key: index % 3 === 0 ? `/renamed/${index}` : key, size, content: key };
  });
  const shard = chunks.slice(10, 60).map(({ content, size }) => ({ key: content as AbsolutePath, size }));
  const index = new Uint8Array(804).fill(9);
  const root = new TextEncoder().encode(JSON.stringify({ attributes: { ome: { version: "0.5" } } }));
  entries = [
    { key: "/zarr.json", size: root.length, content: root },
    ...chunks,
    { key: "/shard", size: shard.reduce((sum, { size }) => sum + size, 804), content: [...shard, index] },
  ];
  const stored = openDirectoryStore(join(folder, "image"));
  source = unreadable(stored);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function pack(job: { source: Store; entries: EntryInput[] }, jobs: number, signal?: AbortSignal) {
  const path = join(folder, "out", "image.ozx");
  const target = threaded.target?.(await createFileSink(path, { overwrite: true }));
  const progress: number[] = [];
  const onProgress = ({ bytes }: { bytes: number }): void => void progress.push(bytes);
  await target?.write(job, { workers: jobs, signal, onProgress });
  const bytes = readFileSync(path);
  rmSync(path);
  return { bytes, progress };
}

/** A store whose own reads fail, so that threads must do it all. */
function unreadable(packed: Store): Store {
  const unread = (): never => {
    throw new Error("this thread does not read");
  };
  return { ...packed, get: unread, getRange: unread, stream: unread, readSync: unread, openSync: unread };
}

describe("an archive written by several threads", () => {
  testSample([3, 2, 8], 1)("has the bytes that one thread writes, with %i threads", async (jobs) => {
    const sink = memorySink();
    await ozxFormat.target(sink).write({ source: openDirectoryStore(join(folder, "image")), entries });
    const { bytes, progress } = await pack({ source, entries }, jobs);
    expect(bytes.equals(sink.bytes())).toBe(true);
    expect(progress.at(-1)).toBe(entries.reduce((sum, { size }) => sum + size, 0));
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  test("is written by the calling thread when one job is asked for", async () => {
    await expect(pack({ source, entries }, 1)).rejects.toThrow("this thread does not read");
  });

  test.each(["/c/7", "/c/401"] as const)(
    "is abandoned when %s is replaced by as many other bytes after it was listed",
    async (key) => {
      const stored = openDirectoryStore(join(folder, "image"));
      await collectEntries(stored.list());
      const path = join(folder, "image", key);
      const bytes = readFileSync(path);
      writeFileSync(
        path,
        bytes.map((byte) => byte ^ 1),
      );
      await expect(pack({ source: unreadable(stored), entries }, 2)).rejects.toMatchObject({
        _tag: "SourceChanged",
        path: key,
      });
      writeFileSync(path, bytes);
      expect(readdirSync(join(folder, "out"))).toEqual([]);
    },
  );

  test.each(["/c/7", "/c/401"] as const)("is abandoned when %s has changed", async (key) => {
    const changed = entries.map((entry) =>
      entry.content === key ? { ...entry, size: entry.size + 1 } : entry,
    );
    await expect(pack({ source, entries: changed }, 2)).rejects.toMatchObject({
      _tag: "SourceChanged",
      location: join(folder, "image"),
    });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  test("is abandoned when it is aborted", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const packing = pack({ source, entries }, 2, controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    await expect(packing).rejects.toBe(reason);
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });
});

describe("an archive made of another one", () => {
  /** Opens what was packed, and lists its entries in reverse, with one that is made of parts of others. */
  async function openPacked(name: string, shareIndex: boolean) {
    const path = join(folder, name);
    const stored = openDirectoryStore(join(folder, "image"));
    await threaded
      .target?.(await createFileSink(path, { overwrite: true }))
      .write({ source: stored, entries }, { workers: 1 });
    const packed = await openPath(path, { formats: [ozxFormat], shareIndex });
    const others = entries.slice(1).map(({ key, size }): EntryInput => ({ key, size, content: key }));
    const shard = others.slice(5, 30).map(({ key, size }) => ({ key, size }));
    const all: EntryInput[] = [
      ...entries.slice(0, 1),
      ...others.toReversed(),
      { key: "/parts", size: shard.reduce((sum, { size }) => sum + size, 0), content: shard },
    ];
    return { path, packed, all };
  }

  test.each([true, false])("has the bytes that one thread writes, its index shared: %s", async (shared) => {
    const { packed, all } = await openPacked(`source-${shared}.ozx`, shared);
    const one = await pack({ source: packed, entries: all }, 1);
    const three = await pack({ source: unreadable(packed), entries: all }, 3);
    expect(three.bytes.equals(one.bytes)).toBe(true);
    await packed.close();
  });

  test("is abandoned when that was replaced since it was opened", skipFor(outsideSample()), async () => {
    const { path, packed, all } = await openPacked("replaced.ozx", true);
    const bytes = readFileSync(path);
    rmSync(path);
    writeFileSync(path, bytes);
    utimesSync(path, 1, 1);
    await expect(pack({ source: unreadable(packed), entries: all }, 2)).rejects.toMatchObject({
      _tag: "SourceChanged",
      location: path,
    });
    expect(readdirSync(join(folder, "out"))).toEqual([]);
    await packed.close();
  });
});

describeSample(["folder", "archive"], 0)("an archive made of a part of an image in a %s", (kind) => {
  test("has the bytes that one thread writes", async () => {
    const image = join(folder, `sample-of-${kind}.zarr`);
    await writeSampleFolder(image, { size: { c: 2, z: 8, y: 128, x: 128 }, levels: 2, chunk: 16 });
    const stored = openDirectoryStore(image);
    const plan = await planTransfer(stored, { zarrFormat: 3 });
    const path = `${image}.ozx`;
    await threaded.target?.(await createFileSink(path)).write(plan, { workers: 1 });
    const whole =
      kind === "folder" ? stored : await openPath(path, { formats: [ozxFormat], shareIndex: true });
    const part = await selectView(whole, {
      ranges: { c: { start: 1, stop: 2 }, x: { start: 64, stop: 128 } },
    });
    const listed = await collectEntries(part.list());
    const root = (await part.get("/zarr.json")) ?? new Uint8Array();
    const all = listed.map(
      ({ key, size }): EntryInput => ({ key, size, content: key === "/zarr.json" ? root : key }),
    );
    const one = await pack({ source: part, entries: all }, 1);
    const three = await pack({ source: unreadable(part), entries: all }, 3);
    expect(three.bytes.equals(one.bytes)).toBe(true);
    await part.close();
  });
});
