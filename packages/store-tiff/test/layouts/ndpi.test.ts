import type { ByteSource } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { describe, expect, test, vi } from "vitest";
import { openTiff } from "../../src/index.js";
import { asFloats, BLOCKS, HEIGHT, ndpiPage, WIDTH } from "../fixtures/build-ndpi.js";
import { buildTiff } from "../fixtures/build-tiff.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";

/** The pixels of blocks of 8 × 8. */
function pixelsOf(blocks: readonly number[], width: number, height: number): Uint8Array {
  const across = Math.ceil(width / 8);
  return Uint8Array.from(
    { length: width * height },
    (_, k) => blocks[Math.floor(k / width / 8) * across + Math.floor((k % width) / 8)] ?? 0,
  );
}

describe("a slide of Hamamatsu", () => {
  const half = BLOCKS.slice(0, 12);

  test("is read in the parts between the restarts of its JPEG", async () => {
    const pages = [ndpiPage({}), ndpiPage({ width: 31, height: 22, blocks: half, interval: 2, lens: 10 })];
    const macro = ndpiPage({ width: 16, height: 11, blocks: [9, 8, 7, 6], interval: 2, lens: -1 });
    const store = await openBytes(buildTiff([...pages, macro], { patch: asFloats }), "slide.ndpi");
    expect([...store.arrays.values()].map(({ chunkShape }) => chunkShape)).toEqual([
      [48, 32],
      [24, 16],
    ]);
    expect(await readPlane(store, "/0")).toEqual(pixelsOf(BLOCKS, WIDTH, HEIGHT));
    expect(await readPlane(store, "/1")).toEqual(pixelsOf(half, 31, 22));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: { multiscales: [{ datasets: [{ coordinateTransformations: [{ scale: [0.5, 0.25] }] }, {}] }] },
      },
    });
    expect(store.findings[0]?.message).toMatch(/1 more pictures \(16 × 11\)/);
    expect(await store.storedBytesOf?.("/0")).toBeLessThan(pages[0]?.segments[0]?.length ?? 0);
  });

  test.each([
    ["that do not end where rows do", ndpiPage({ interval: 3 })],
    ["whose places are not in order", ndpiPage({ starts: new Array<number>(12).fill(200) })],
    [
      "whose places lie beyond the strip",
      ndpiPage({ starts: Array.from({ length: 12 }, (_, k) => 200 + k * 1000) }),
    ],
    ["that are too few", ndpiPage({ starts: [200] })],
  ])("with restarts %s is read as one JPEG", async (_, page) => {
    const store = await openBytes(buildTiff([page], { patch: asFloats }));
    expect(await readPlane(store, "/0")).toEqual(pixelsOf(BLOCKS, WIDTH, HEIGHT));
    expect([...store.arrays.values()][0]?.chunkShape).toEqual([HEIGHT, WIDTH]);
  });

  test("of several depths is looked through for restarts once a depth", async () => {
    const source = memorySource(
      buildTiff([ndpiPage({}), ndpiPage({ blocks: BLOCKS.toReversed() })], { patch: asFloats }),
    );
    const read = vi.spyOn(source, "read");
    const store = await openTiff(source);
    for (const x of [0, 1]) expect(await store.get(`/0/c/1/0/${x}`)).toHaveLength(48 * 32);
    const reads = read.mock.calls.map(([offset, length]) => `${length} bytes at ${offset}`);
    expect(reads.filter((one, k) => reads.indexOf(one) < k)).toEqual([]);
  });

  test("whose tags do not say that its pixels have 16 bits is refused", async () => {
    const page = ndpiPage({ fields: [[65_441, "long", [7]]] });
    await expect(openBytes(buildTiff([page]))).rejects.toThrow(/Hamamatsu NDPI, and its pixels have 16 bits/);
  });

  test("of more than 4 GiB has the high halves of its offsets after its IFDs", async () => {
    const far = 5 * 2 ** 32;
    const store = await openTiff(farSource(buildTiff([ndpiPage({})], { patch: asFloats }), far));
    expect(await readPlane(store, "/0")).toEqual(pixelsOf(BLOCKS, WIDTH, HEIGHT));
  });
});

/** A file of one page with all of its data far behind its header, and the IFD as Hamamatsu writes it. */
function farSource(classic: Uint8Array, far: number): ByteSource {
  const view = new DataView(classic.buffer, classic.byteOffset);
  const ifd = view.getUint32(4, true);
  const count = view.getUint16(ifd, true);
  const entries = classic.slice(ifd, ifd + 2 + 12 * count);
  const own = new DataView(entries.buffer);
  const high = new Uint8Array(8 + 4 * count);
  const sizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 11: 4 };
  for (let k = 0; k < count; k++) {
    const at = 2 + 12 * k;
    const isElsewhere = (sizes[own.getUint16(at + 2, true)] ?? 1) * own.getUint32(at + 4, true) > 4;
    const isOffset = own.getUint16(at, true) === 273;
    if (isElsewhere || isOffset) new DataView(high.buffer).setUint32(8 + 4 * k, far / 2 ** 32, true);
  }
  const last = new Uint8Array([...classic, ...entries, ...high]);
  const header = new Uint8Array(16);
  header.set(classic.subarray(0, 4));
  new DataView(header.buffer).setBigUint64(4, BigInt(far + classic.length), true);
  return {
    name: "slide.ndpi",
    size: far + last.length,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      const from = offset - far;
      if (from >= 0) bytes.set(last.subarray(from, from + length));
      else if (offset < header.length) bytes.set(header.subarray(offset, offset + length));
      return bytes;
    },
    async close() {},
  };
}
