import { openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobSource } from "../../src/bytes/in-memory.js";

const bytes = Uint8Array.from({ length: 10 }, (_, i) => i);

describe("blobSource", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "ozx-blob-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("reads at any position", async () => {
    const source = blobSource(new Blob([bytes]));
    expect(source.size).toBe(10);
    expect(await source.read(3, 4)).toEqual(Uint8Array.of(3, 4, 5, 6));
    expect(await source.read(10, 0)).toEqual(new Uint8Array(0));
  });

  test("is called what the file is called", () => {
    expect(blobSource(new File([bytes], "cells.ozx")).name).toBe("cells.ozx");
    expect(blobSource(new Blob([bytes]), "mine").name).toBe("mine");
  });

  test.for([
    [-1, 1],
    [0, 11],
    [10, 1],
  ] as const)("refuses %d + %d, outside of its bytes", async ([offset, length]) => {
    await expect(blobSource(new Blob([bytes])).read(offset, length)).rejects.toThrow(RangeError);
  });

  test("stops at a signal, before and during a read", async () => {
    const source = blobSource(new Blob([bytes]));
    const early = source.read(0, 1, { signal: AbortSignal.abort() });
    await expect(early).rejects.toMatchObject({ name: "AbortError" });
    const controller = new AbortController();
    const late = source.read(0, 1, { signal: controller.signal });
    controller.abort();
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
  });

  test("a file that was replaced since it was chosen is an error that says so", async () => {
    const path = join(folder, "changed.bin");
    await writeFile(path, bytes);
    const source = blobSource(await openAsBlob(path), "changed.bin");
    await writeFile(path, "longer than it was before");
    await expect(source.read(0, 10)).rejects.toMatchObject({
      _tag: "Unreadable",
      location: "changed.bin",
      message: expect.stringContaining("choose it again"),
    });
  });

  test("a blob that has become shorter or longer is an error, never other bytes", async () => {
    const of = (length: number) => new Blob([new Uint8Array(length)]);
    const shrunk = Object.assign(of(10), { slice: () => of(4) });
    const grown = Object.assign(of(10), { arrayBuffer: () => of(12).arrayBuffer() });
    for (const [blob, length] of [
      [shrunk, 9],
      [grown, 10],
    ] as const) {
      await expect(blobSource(blob, "changed").read(0, length)).rejects.toMatchObject({
        _tag: "SourceChanged",
        location: "changed",
      });
    }
  });
});
