import type { AbsolutePath } from "@ozx/core";
import { blobSink, fileHandleSink, folderTarget, memoryStore } from "@ozx/core/container";
import { sampleMap } from "@ozx/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { planTransfer, runTransfer } from "../../src/index.js";
import { type FakeFileSystem, fakeFileSystem } from "./fake-file-system.js";

let system: FakeFileSystem;
beforeEach(() => {
  system = fakeFileSystem();
});

describe("the sink of a file's handle", () => {
  test("writes at any position, and is seen once it is committed", async () => {
    const sink = await fileHandleSink(await system.root.getFileHandle("a.ozx", { create: true }));
    await sink.write(3, new Uint8Array([4, 5]));
    await sink.write(0, new Uint8Array([1, 2, 3]));
    expect(system.files.get("/a.ozx")).toEqual(new Uint8Array(0));
    await sink.commit();
    expect(system.files.get("/a.ozx")).toEqual(new Uint8Array([1, 2, 3, 4, 5]));
  });

  test("leaves the file as it was when it is discarded", async () => {
    system.files.set("/a.ozx", new Uint8Array([9]));
    const sink = await fileHandleSink(await system.root.getFileHandle("a.ozx"));
    await sink.write(0, new Uint8Array([1, 2, 3]));
    await sink.discard();
    expect(system.files.get("/a.ozx")).toEqual(new Uint8Array([9]));
  });

  test.each([
    ["QuotaExceededError", /a\.ozx cannot be written: the disk is full/],
    ["NotAllowedError", /does not let the page write/],
    ["SomethingNew", /cannot write there \(fails\): choose another folder/],
  ])("says what %s means", async (error, message) => {
    const sink = await fileHandleSink(await system.root.getFileHandle("a.ozx", { create: true }));
    system.failing = { file: "a.ozx", error };
    await expect(sink.write(0, new Uint8Array(1))).rejects.toMatchObject({
      _tag: "WriteFailed",
      message: expect.stringMatching(message),
    });
  });
});

describe("the sink of a Blob", () => {
  test("has the bytes in their order, also those of a buffer that is used again", async () => {
    const sink = blobSink("a.ozx", "application/zip");
    const buffer = new Uint8Array(5 * 1024 * 1024);
    const expected = new Uint8Array(buffer.length * 4);
    for (let turn = 0; turn < 4; turn++) {
      for (let at = 0; at < buffer.length; at++) buffer[at] = (at * 7 + turn) >>> 4;
      expected.set(buffer, turn * buffer.length);
      await sink.write(turn * buffer.length, buffer);
    }
    expect(sink.blob().size).toBe(0);
    await sink.commit();
    expect(sink.blob().type).toBe("application/zip");
    const bytes = new Uint8Array(await sink.blob().arrayBuffer());
    expect(Buffer.compare(bytes, expected)).toBe(0);
  });

  test("takes nothing out of its order", async () => {
    await expect(blobSink("a.ozx").write(1, new Uint8Array(1))).rejects.toThrow("cannot be written at 1");
  });
});

describe("a folder as a target", () => {
  const SIZE = { size: { c: 1, z: 1, y: 64, x: 64 }, levels: 1, chunk: 32 } as const;

  async function sample(): Promise<Map<AbsolutePath, Uint8Array>> {
    const entries = await sampleMap(SIZE);
    entries.set("/large.bin", new Uint8Array(3_000_000).fill(7));
    return entries;
  }

  async function extract(entries: Map<AbsolutePath, Uint8Array>, signal?: AbortSignal): Promise<number[]> {
    const bytes: number[] = [];
    const plan = await planTransfer(memoryStore(entries), {});
    const onProgress = (done: { bytes: number }): number => bytes.push(done.bytes);
    await runTransfer(plan, folderTarget(system.root, "image.zarr"), { signal, onProgress });
    return bytes;
  }

  test("gets a file for each entry", async () => {
    const entries = await sample();
    const progress = await extract(entries);
    const expected = new Map([...entries].map(([key, value]) => [`/image.zarr${key}`, value]));
    expect([...system.files.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, value] of system.files)
      expect(Buffer.compare(value, expected.get(key) ?? value)).toBe(0);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.at(-1)).toBe([...entries.values()].reduce((sum, { length }) => sum + length, 0));
  });

  test("is refused where there is something already, which stays", async () => {
    system.folders.add("/image.zarr/");
    system.files.set("/image.zarr/mine.txt", new Uint8Array([1]));
    await expect(extract(await sample())).rejects.toMatchObject({ _tag: "DestinationExists" });
    system.folders.clear();
    system.files.clear();
    system.files.set("/image.zarr", new Uint8Array([1]));
    await expect(extract(await sample())).rejects.toMatchObject({ _tag: "DestinationExists" });
    expect([...system.files.keys()]).toEqual(["/image.zarr"]);
  });

  test.each(["large.bin", "zarr.json"])("leaves nothing when %s cannot be written", async (file) => {
    system.failing = { file, error: "QuotaExceededError" };
    await expect(extract(await sample())).rejects.toMatchObject({ _tag: "WriteFailed" });
    expect(system.files.size).toBe(0);
  });

  test("leaves nothing when it is aborted", async () => {
    const controller = new AbortController();
    const entries = await sample();
    const plan = await planTransfer(memoryStore(entries), {});
    const onProgress = (): void => controller.abort(new Error("enough"));
    const running = runTransfer(plan, folderTarget(system.root, "image.zarr"), {
      signal: controller.signal,
      onProgress,
    });
    await expect(running).rejects.toThrow("enough");
    expect(system.files.size).toBe(0);
  });

  test("keeps names within it", async () => {
    const entries = await sample();
    entries.set("/a/../../evil", new Uint8Array(1));
    const job = { source: memoryStore(entries), entries: [{ key: "/a/../../evil", size: 1, content: "/x" }] };
    const writing = folderTarget(system.root, "image.zarr").write(job as never);
    await expect(writing).rejects.toMatchObject({ _tag: "UnsafeName" });
    expect(system.files.size).toBe(0);
  });
});
