import { type ChunkWorkers, openOmeZarr, type Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { inlineWorkers, toPixelBlock } from "@ozx/core/internal";
import { type SampleOptions, sampleMap } from "@ozx/testing";
import { expect, test } from "vitest";

const SMALL = { size: { c: 2, z: 1, y: 100, x: 90 }, levels: 1, chunk: 64 } as const;

/** Workers in this thread that count the chunks that they get. */
function countedWork(): ChunkWorkers & { readonly runs: () => number } {
  const work = inlineWorkers();
  let runs = 0;
  const run: ChunkWorkers["run"] = (...given) => {
    runs++;
    return work.run(...given);
  };
  const place: ChunkWorkers["place"] = async (task, chunks, ...given) => {
    runs += chunks.length;
    return work.place?.(task, chunks, ...given);
  };
  return { ...work, run, place, runs: () => runs };
}

async function openLevel(store: Store, work?: ChunkWorkers) {
  const [image] = (await openOmeZarr(store, { formats: [], workers: work })).images;
  if (image === undefined) throw new Error("the sample has no image");
  return image.level(0);
}

test.each<SampleOptions>([
  { codec: "zstd" },
  { codec: "gzip", shards: true },
  { codec: "blosc", version: "0.4", order: "F", byteOrder: ">" },
])("pixels are the same wherever chunks are decoded: %j", async (options) => {
  const map = await sampleMap({ ...SMALL, ...options });
  const work = countedWork();
  const level = await openLevel(memoryStore(map), work);
  const pixels = toPixelBlock(await level.read());
  expect(pixels).toEqual(toPixelBlock(await (await openLevel(memoryStore(map))).read()));
  expect(work.runs(), "chunks of both channels").toBe(2 * 2 * 2);
});

test("a chunk that does not decode is named", async () => {
  const map = await sampleMap({ ...SMALL, codec: "gzip" });
  map.set("/0/c/1/0/0/1", new Uint8Array(100));
  const level = await openLevel(memoryStore(map), countedWork());
  await expect(level.read()).rejects.toMatchObject({
    _tag: "CorruptData",
    message: expect.stringContaining("chunk (1, 0, 0, 1) of /0"),
  });
  expect((await level.read({ c: 0 })).shape).toEqual([1, 100, 90]);
});

test("the index of a shard is requested again after it could not be read", async () => {
  const store = memoryStore(await sampleMap({ ...SMALL, shards: true }));
  let failures = 0;
  const failing: Store = {
    ...store,
    getRange: async (key, range, options) => {
      if ("suffixLength" in range && failures++ === 0) throw new Error("the server is busy");
      return store.getRange(key, range, options);
    },
  };
  const level = await openLevel(failing, countedWork());
  await expect(level.read({ c: 0 })).rejects.toThrow("the server is busy");
  expect((await level.read({ c: 0 })).shape).toEqual([1, 100, 90]);
});
