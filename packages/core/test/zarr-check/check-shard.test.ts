import type { Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import { checkShard } from "../../src/zarr/check/check-shard.js";
import { encodeShardIndex, type ShardSlot } from "../../src/zarr/shard/shard-index.js";

const SLOTS = 1000;
const DATA = 20_000;
const indexSize = SLOTS * 16 + 4;
const LAYOUT = {
  location: "end",
  grid: [SLOTS],
  indexSize,
  littleEndian: true,
  checksum: true,
  largestChunk: 2 ** 31,
} as const;

/** Checks a shard whose index says that its chunks are there, and counts the bytes that are decoded. */
async function check(slotAt: (slot: number) => ShardSlot): Promise<{ rules: string[]; decoded: number }> {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slotAt(slot));
  const bytes = new Uint8Array(DATA + indexSize);
  bytes.set(encodeShardIndex(slots), DATA);
  let decoded = 0;
  const decoder = {
    size: 1,
    async decode(chunk: Uint8Array) {
      decoded += chunk.length;
      return "does not decode";
    },
  };
  const shard = { key: "/0/c/0", size: bytes.length } as const;
  const findings = await checkShard(
    memoryStore(new Map([["/0/c/0", bytes]])),
    shard,
    { layout: LAYOUT, decoder },
    {},
  );
  return { rules: findings.map(({ rule }) => rule), decoded };
}

test("every chunk is decoded", async () => {
  const { rules, decoded } = await check((slot) => ({ offset: slot * 20, length: 20 }));
  expect(decoded).toBe(DATA);
  expect(rules).toEqual(new Array(SLOTS).fill("chunk-decodes"));
});

test("an extent that several chunks share is decoded once, and reported for each", async () => {
  const { rules, decoded } = await check(() => ({ offset: 0, length: DATA }));
  expect(decoded).toBe(DATA);
  expect(rules).toEqual(new Array(SLOTS).fill("chunk-decodes"));
});

test.each<[string, (slot: number) => ShardSlot]>([
  ["which start at one place", (slot) => ({ offset: 0, length: DATA - slot })],
  ["which end at one place", (slot) => ({ offset: slot, length: DATA - slot })],
  ["two at each place", (slot) => ({ offset: 0, length: DATA - Math.floor(slot / 2) })],
  ["on top of the index", (slot) => ({ offset: 0, length: DATA + 1 + slot })],
])("chunks on top of each other take no more than the shard has: %s", async (_, slotAt) => {
  const { rules, decoded } = await check(slotAt);
  expect(decoded).toBeLessThanOrEqual(DATA);
  expect(rules.filter((rule) => rule === "shard-overlaps").length).toBeGreaterThanOrEqual(SLOTS / 2 - 1);
});

test("what is stored in more than may be decoded is not read", async () => {
  const size = 2 ** 31 + 100;
  const slots = Array.from({ length: SLOTS }, (_, k) => (k === 3 ? { offset: 0, length: size } : undefined));
  const index = encodeShardIndex(slots);
  const read: number[] = [];
  const store: Store = {
    ...memoryStore(new Map()),
    async getRange(_, range) {
      read.push("length" in range ? range.length : range.suffixLength);
      return index;
    },
  };
  const decoder = { size: 1, decode: async () => "does not decode" };
  const findings = await checkShard(
    store,
    { key: "/0/c/0", size: size + indexSize },
    { layout: LAYOUT, decoder },
    {},
  );
  expect(findings.map(({ rule }) => rule)).toEqual(["chunk-unchecked"]);
  expect(findings[0]?.message).toContain("is stored in 2147483748 bytes, more than 1 GiB");
  expect(read).toEqual([indexSize]);
});
