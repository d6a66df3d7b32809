import { openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blobSource } from "../../src/bytes/blob-source.js";

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

  test("many small reads that follow each other are few slices", async () => {
    const large = Uint8Array.from({ length: 1_000_000 }, (_, i) => i * 7);
    let slices = 0;
    const blob = new Blob([large]);
    const counted = Object.assign(new Blob([large]), {
      slice: (start?: number, end?: number) => {
        slices++;
        return blob.slice(start, end);
      },
    });
    const source = blobSource(counted, "large");
    const reads = Array.from({ length: 990 }, (_, i) => [i * 1010, 1010] as const);
    for (const [offset, length] of reads) {
      expect(await source.read(offset, length)).toEqual(large.subarray(offset, offset + length));
    }
    // Four blocks, and what lies on the border of two.
    expect(slices).toBeLessThan(14);
    slices = 0;
    const scattered = [900_000, 10, 600_000, 300_000];
    for (const offset of scattered) await source.read(offset, 30_000);
    expect(slices).toBeLessThanOrEqual(scattered.length);
  });

  test("a small read has the same bytes wherever it begins and ends", async () => {
    const large = Uint8Array.from({ length: 700_000 }, (_, i) => i >> 3);
    const source = blobSource(new Blob([large]));
    const range = fc.tuple(fc.nat({ max: 699_999 }), fc.nat({ max: 70_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(range, { minLength: 1, maxLength: 12 }), async (ranges) => {
        const reads = ranges.map(async ([offset, wanted]) => {
          const end = Math.min(large.length, offset + wanted);
          expect(await source.read(offset, end - offset)).toEqual(large.subarray(offset, end));
        });
        await Promise.all(reads);
      }),
    );
  });

  test("a block that could not be read is read again", async () => {
    let isBroken = true;
    const blob = new Blob([bytes, new Uint8Array(300_000)]);
    const broken = Object.assign(new Blob([bytes, new Uint8Array(300_000)]), {
      slice: (start?: number, end?: number) => {
        if (isBroken)
          return Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("gone")) });
        return blob.slice(start, end);
      },
    });
    const source = blobSource(broken, "broken");
    for (let i = 0; i < 3; i++) {
      await expect(source.read(2, 3)).rejects.toMatchObject({ _tag: "Unreadable" });
    }
    isBroken = false;
    expect(await source.read(2, 3)).toEqual(Uint8Array.of(2, 3, 4));
  });
});
