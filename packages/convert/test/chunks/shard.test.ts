import { expect, test } from "vitest";
import { crc32c } from "../../../core/src/zarr/codec/checksums.js";
import { encodeShardIndex } from "../../../core/src/zarr/shard/shard-index.js";
import { autoShardShape, requestedShardShape } from "../../../core/src/zarr/shard/shard-layout.js";
import { shardAssembler } from "../../src/chunks/assemble-shards.js";

test("crc32c has the values of RFC 3720", () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

test("an index holds offsets and lengths, all ones for missing chunks, and its checksum", () => {
  const index = encodeShardIndex([{ offset: 5, length: 2 ** 33 }, undefined]);
  const view = new DataView(index.buffer);
  expect([0, 8, 16, 24].map((at) => view.getBigUint64(at, true))).toEqual([
    5n,
    2n ** 33n,
    2n ** 64n - 1n,
    2n ** 64n - 1n,
  ]);
  expect(view.getUint32(32, true)).toBe(crc32c(index.subarray(0, 32)));
});

test("chunks go into their shards in C order, byte after byte; missing ones leave no gap", () => {
  const chunk = (y: number, x: number, size: number) => ({ position: [y, x], size, key: `${y}/${x}` });
  const assembler = shardAssembler<string>({ chunkShape: [10, 10] }, [20, 20]);
  for (const one of [chunk(1, 1, 7), chunk(0, 0, 3), chunk(0, 3, 5), chunk(2, 0, 1)]) assembler.add(one);
  const shards = [...assembler.shards()];
  expect(shards.map(({ key, chunks, size }) => ({ key, chunks: chunks.map((c) => c.key), size }))).toEqual([
    { key: "c/0/0", chunks: ["0/0", "1/1"], size: 3 + 7 + 68 },
    { key: "c/0/1", chunks: ["0/3"], size: 5 + 68 },
    { key: "c/1/0", chunks: ["2/0"], size: 1 + 68 },
  ]);
  expect(shards[0]?.index).toEqual(
    encodeShardIndex([{ offset: 0, length: 3 }, undefined, undefined, { offset: 3, length: 7 }]),
  );
});

test.each([
  ["small: all of it", [3, 10, 512, 512], [1, 1, 256, 256], 50_000, [3, 10, 512, 512]],
  ["large planes: some of them", [3, 1000, 2048, 2048], [1, 1, 256, 256], 100_000, [1, 40, 2048, 2048]],
  ["one huge plane", [100_000, 100_000], [1024, 1024], 1_000_000, [2048, 100_352]],
  [
    "chunks larger than a shard should be",
    [10, 10_000, 10_000],
    [1, 10_000, 10_000],
    1e9,
    [1, 10_000, 10_000],
  ],
  ["tiny chunks: the index stays small", [1_000_000], [10], 5, [250_000]],
  ["no chunks stored", [100, 100], [10, 10], 0, [100, 100]],
])("shards chosen for %s", (_, shape, chunkShape, bytes, expected) => {
  const shardShape = autoShardShape({ shape, chunkShape }, bytes);
  expect(shardShape.every((extent, axis) => extent % (chunkShape[axis] as number) === 0)).toBe(true);
  const chunks = shardShape.reduce(
    (product, extent, axis) => product * (extent / (chunkShape[axis] as number)),
    1,
  );
  expect(chunks === 1 || chunks * bytes <= 512e6).toBe(true);
  expect(chunks).toBeLessThanOrEqual(32_768);
  expect(shardShape).toEqual(expected);
});

test("shards asked for are cut to what a level needs, in whole chunks", () => {
  const array = { shape: [2, 30, 500, 500], chunkShape: [1, 1, 256, 256] };
  const axes = ["c", "z", "y", "x"];
  expect(requestedShardShape(array, axes, { z: 8, y: 1024, x: 1024 })).toEqual([1, 8, 512, 512]);
  expect(requestedShardShape(array, axes, { c: 2, z: 100 })).toEqual([2, 30, 256, 256]);
  expect(requestedShardShape(array, axes, { y: 300 })).toEqual({ axis: "y", chunk: 256 });
});
