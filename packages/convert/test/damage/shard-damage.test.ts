import type { Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { encodeShardIndex, type ShardSlot } from "@ozx/core/internal";
import { expect, test } from "vitest";
import { damageOfShard } from "../../src/damage/shard-damage.js";

const SLOTS = 1000;
const DATA = 20_000;
const indexSize = SLOTS * 16 + 4;
const SHARDS = {
  location: "end",
  grid: [SLOTS],
  indexSize,
  littleEndian: true,
  checksum: true,
  largestChunk: 2 ** 31,
} as const;

/** What is lost of a shard whose index says that its chunks are there, and how many bytes are decoded. */
async function damage(slotAt: (slot: number) => ShardSlot, more?: Partial<Store>, size = DATA + indexSize) {
  const bytes = new Uint8Array(DATA + indexSize);
  bytes.set(encodeShardIndex(Array.from({ length: SLOTS }, (_, slot) => slotAt(slot))), DATA);
  let decoded = 0;
  const decoder = {
    size: 1,
    atOnce: 4,
    async decode(chunk: Uint8Array) {
      decoded += chunk.length;
      return "does not decode";
    },
  };
  const store = { ...memoryStore(new Map([["/0/c/0", bytes]])), ...more };
  const parts = { decoder, shards: SHARDS, isSharded: true, hasChecksum: false };
  const { inShards } = await damageOfShard(store, { key: "/0/c/0", size }, parts, {});
  return { lost: inShards, decoded };
}

test("chunks that share an extent are decoded once, and all of them are lost", async () => {
  const { lost, decoded } = await damage(() => ({ offset: 0, length: DATA }));
  expect(decoded).toBe(DATA);
  expect(lost.map(({ chunk }) => chunk)).toEqual(Array.from({ length: SLOTS }, (_, k) => k));
  expect(lost[0]?.reason).toBe("it does not decode");
});

test("chunks on top of each other take no more than the shard has", async () => {
  const { lost, decoded } = await damage((slot) => ({ offset: 0, length: DATA - Math.floor(slot / 2) }));
  expect(decoded).toBeLessThanOrEqual(DATA);
  expect(lost.length).toBeGreaterThanOrEqual(SLOTS / 2);
});

test("a chunk that is stored in more than 1 GiB is lost, and not read", async () => {
  const length = 2 ** 30 + 1;
  const read: number[] = [];
  const index = encodeShardIndex(
    Array.from({ length: SLOTS }, (_, slot) => (slot === 3 ? { offset: 0, length } : undefined)),
  );
  const huge: Partial<Store> = {
    stream: async () => new Blob([]).stream(),
    async getRange(_, range) {
      read.push("length" in range ? range.length : range.suffixLength);
      return index;
    },
  };
  const { lost, decoded } = await damage(() => undefined, huge, length + indexSize);
  expect(lost).toMatchObject([{ chunk: 3, reason: "it is stored in more than 1 GiB" }]);
  expect([decoded, read]).toEqual([0, [indexSize]]);
});
