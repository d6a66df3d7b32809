import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as ConvertNode from "@ozx/convert/node";
import type { AbsolutePath, Store, StoreFormat } from "@ozx/core";
import type { EntryInput } from "@ozx/core/container";
import type * as Internal from "@ozx/core/internal/node";
import type * as CoreNode from "@ozx/core/node";
import { describeSample } from "@ozx/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What is built, because threads are started from files of their own.
const BUILT = new URL("../../dist/bundled/node.js", import.meta.url).href;
const CORE = new URL("../../../core/dist/bundled/node.js", import.meta.url).href;
const INTERNAL = new URL("../../../core/dist/bundled/internal-node.js", import.meta.url).href;
const CONVERT = new URL("../../../convert/dist/bundled/node.js", import.meta.url).href;

let core: typeof CoreNode & typeof Internal;
let convert: typeof ConvertNode;
let formats: StoreFormat[];
let folder: string;
let values: Map<AbsolutePath, Buffer>;
let entries: EntryInput[];

beforeAll(async () => {
  const { ozxFormat } = (await import(BUILT)) as { ozxFormat: StoreFormat };
  core = { ...(await import(CORE)), ...(await import(INTERNAL)) };
  convert = (await import(CONVERT)) as typeof ConvertNode;
  formats = [ozxFormat];
  folder = mkdtempSync(join(tmpdir(), "ozx-unpack-"));
  mkdirSync(join(folder, "image/c"), { recursive: true });
  mkdirSync(join(folder, "out"));
  const root = JSON.stringify({ attributes: { ome: { version: "0.5" } } });
  values = new Map([["/zarr.json", Buffer.from(root)]]);
  const sizes = Array.from({ length: 400 }, (_, index) => (index % 7) * 1000 + index);
  sizes.push(3_000_000, 1024 * 1024, 0, 5_000_000);
  for (const [index, size] of sizes.entries()) values.set(`/c/${index}`, Buffer.alloc(size, index * 31));
  for (const [key, bytes] of values) writeFileSync(join(folder, "image", key), bytes);
  const stored = [...values].map(([key, { length: size }]): EntryInput => ({ key, size, content: key }));
  const source = core.openDirectoryStore(join(folder, "image"));
  await ozxFormat
    .target?.(await convert.createFileSink(join(folder, "image.ozx")))
    .write({ source, entries: stored }, { workers: 1 });
  const parts = stored.slice(10, 60).map(({ key, size }) => ({ key, size }));
  entries = [
    { key: "/made.json", size: 2, content: new TextEncoder().encode("{}") },
    // Some go by another name in the folder, as when metadata is upgraded.
    ...stored.map((entry, index) =>
      index % 3 === 1 ? { ...entry, key: `/renamed${entry.key}` as const } : entry,
    ),
    { key: "/shard", size: parts.reduce((sum, { size }) => sum + size, 0), content: parts },
  ];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A store whose own reads fail, so that threads must do it all. */
function unreadable(store: Store): Store {
  const unread = (): never => {
    throw new Error("this thread does not read");
  };
  return { ...store, get: unread, getRange: unread, stream: unread, readSync: unread, openSync: unread };
}

async function openSource(kind: string): Promise<Store> {
  if (kind === "folder") return core.openDirectoryStore(join(folder, "image"));
  return core.openPath(join(folder, "image.ozx"), {
    formats,
    shareIndex: kind === "archive, its index shared",
  });
}

async function unpack(
  job: { source: Store; entries: EntryInput[] },
  jobs: number,
  signal?: AbortSignal,
): Promise<{ files: Map<string, Buffer>; progress: { entries: number; bytes: number }[] }> {
  const path = join(folder, "out", "image.zarr");
  const progress: { entries: number; bytes: number }[] = [];
  const target = convert.directoryTarget(path, { formats });
  await target.write(job, { workers: jobs, signal, onProgress: (done) => void progress.push(done) });
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = found.map((entry) => join(entry.parentPath, entry.name));
  const files = new Map(paths.map((file) => [file.slice(path.length), readFileSync(file)]));
  rmSync(path, { recursive: true });
  return { files, progress };
}

function bytesOf({ content }: EntryInput): Buffer {
  if (typeof content === "string") return values.get(content) ?? Buffer.alloc(0);
  if (content instanceof Uint8Array) return Buffer.from(content);
  return Buffer.concat(
    content.map((piece) => bytesOf({ key: "/", size: 0, content: "key" in piece ? piece.key : piece })),
  );
}

describeSample(["archive, its index shared", "archive", "folder"], 1)(
  "a folder that threads write from a %s",
  (kind) => {
    test.each([2, 3])("has every file, with %i threads", async (jobs) => {
      const source = await openSource(kind);
      const { files, progress } = await unpack({ source: unreadable(source), entries }, jobs);
      await source.close();
      expect([...files.keys()].toSorted()).toEqual(entries.map(({ key }) => key).toSorted());
      const wrong = entries.filter((entry) => files.get(entry.key)?.equals(bytesOf(entry)) !== true);
      expect(wrong.map(({ key }) => key)).toEqual([]);
      const bytes = entries.reduce((sum, { size }) => sum + size, 0);
      expect(progress.at(-1)).toEqual({ entries: entries.length, bytes });
      const counts = progress.map((done) => done.bytes);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    });

    test.each(["/c/7", "/c/403"] as const)("is abandoned when %s has changed", async (key) => {
      const source = await openSource(kind);
      const changed = entries.map((entry) =>
        entry.content === key ? { ...entry, size: entry.size + 1 } : entry,
      );
      await expect(unpack({ source: unreadable(source), entries: changed }, 2)).rejects.toMatchObject({
        _tag: "SourceChanged",
        location: source.name,
      });
      await source.close();
      expect(readdirSync(join(folder, "out"))).toEqual([]);
    });

    test("is abandoned when it is aborted", async () => {
      const source = await openSource(kind);
      const reason = new Error("enough");
      const controller = new AbortController();
      const unpacking = unpack({ source: unreadable(source), entries }, 2, controller.signal);
      setTimeout(() => controller.abort(reason), 20);
      await expect(unpacking).rejects.toBe(reason);
      await source.close();
      expect(readdirSync(join(folder, "out"))).toEqual([]);
    });
  },
);

describe("a folder that threads write", () => {
  test.each(["/c/5", "/c/403"] as const)("is abandoned when %s in the archive is damaged", async (key) => {
    const path = join(folder, "damaged.ozx");
    const bytes = readFileSync(join(folder, "image.ozx"));
    const at = bytes.indexOf(`${key.slice(1)}\u0001`) + 500;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(path, bytes);
    const source = await core.openPath(path, { formats });
    await expect(unpack({ source: unreadable(source), entries }, 2)).rejects.toMatchObject({
      _tag: "CorruptData",
      path: key.slice(1),
    });
    await source.close();
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  test("is written by the calling thread when one job is asked for, or the source's format has no module", async () => {
    const source = await openSource("archive");
    const job = { source: unreadable(source), entries };
    await expect(unpack(job, 1)).rejects.toThrow("this thread does not read");
    const bare = convert.directoryTarget(join(folder, "out", "image.zarr"));
    await expect(bare.write(job, { workers: 2 })).rejects.toThrow("this thread does not read");
    await source.close();
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });
});
