import { gzipSync } from "node:zlib";
import { type ChunkWorkers, openOmeZarr, readHierarchy, type Store } from "@ozx/core";
import { type Codecs, loadCodecs } from "@ozx/core/codecs";
import { inlineWorkers } from "@ozx/core/internal";
import { openDirectoryStore } from "@ozx/core/internal/node";
import { describeSample, describeWithSharedData, imageMetadata } from "@ozx/testing";
import { expect, test } from "vitest";
import type { Finding } from "../../src/index.js";
import { checkZarr } from "../../src/zarr/check/check-zarr.js";
import { tinyStore } from "./fixtures.js";

const codecs: Codecs = await loadCodecs();
const SIZE = 64 * 64 * 2;
const PIXELS = new Uint8Array(
  Uint16Array.from({ length: 64 * 64 }, (_, at) => 500 + ((at * at) % 977)).buffer,
);
const BLOSC = { typesize: 2, cname: "lz4", clevel: 5, shuffle: "shuffle", blocksize: 0 } as const;

/** Each codec that chunks can have, with its encoder. */
const CODECS: Record<
  string,
  { readonly list: object[]; encode(bytes: Uint8Array): Promise<Uint8Array> | Uint8Array }
> = {
  blosc: {
    list: [{ name: "blosc", configuration: BLOSC }],
    encode: (bytes) => codecs.blosc.encode(bytes, BLOSC),
  },
  "blosc with zstd": {
    list: [{ name: "blosc", configuration: { ...BLOSC, cname: "zstd" } }],
    encode: (bytes) => codecs.blosc.encode(bytes, { ...BLOSC, cname: "zstd" }),
  },
  "zstd with a checksum": {
    list: [{ name: "zstd", configuration: { level: 3, checksum: true } }],
    encode: (bytes) => codecs.zstd.encode(bytes, { level: 3, checksum: true }),
  },
  gzip: {
    list: [{ name: "gzip", configuration: { level: 6 } }],
    encode: (bytes) => new Uint8Array(gzipSync(bytes)),
  },
  zlib: {
    list: [{ name: "numcodecs.zlib", configuration: { level: 6 } }],
    encode: (bytes) => codecs.zlib.encode(bytes, { level: 6 }),
  },
  lz4: {
    list: [{ name: "numcodecs.lz4", configuration: {} }],
    encode: (bytes) => codecs.lz4.encode(bytes, {}),
  },
  "zstd in gzip": {
    list: [
      { name: "zstd", configuration: { level: 3, checksum: true } },
      { name: "gzip", configuration: { level: 6 } },
    ],
    encode: async (bytes) => gzipSync(await codecs.zstd.encode(bytes, { level: 3, checksum: true })),
  },
};

async function storeWith(list: object[], chunk: Uint8Array): Promise<Store> {
  const document = {
    data_type: "uint16",
    codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...list],
  };
  const store = tinyStore(
    { "/": imageMetadata("yx") },
    { "/0": { shape: [64, 64], chunks: [64, 64], document } },
  );
  await store.set("/0/c/0/0", new Uint8Array(chunk));
  return store;
}

async function read(store: Store, workers?: ChunkWorkers): Promise<unknown> {
  const [image] = (await openOmeZarr(store, { formats: [], workers })).images;
  if (image === undefined) throw new Error("no image");
  return (await image.level(0).read()).data;
}

async function deepFindings(store: Store): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkZarr(store, await readHierarchy(store), { deep: true })) {
    findings.push(finding);
  }
  return findings;
}

/** A damaged chunk is an error by whichever way it is read, and a finding. */
async function expectDamage(store: Store, says: RegExp): Promise<void> {
  for (const workers of [undefined, inlineWorkers()]) {
    await expect(read(store, workers)).rejects.toMatchObject({
      _tag: "CorruptData",
      message: expect.stringMatching(says),
    });
  }
  const findings = await deepFindings(store);
  expect(findings).toMatchObject([{ rule: "chunk-decodes", where: "/0/c/0/0" }]);
}

describeSample(Object.entries(CODECS), 3)("a chunk of %s", ([, { list, encode }]) => {
  test("is read as it was written", async () => {
    const store = await storeWith(list, await encode(PIXELS));
    for (const workers of [undefined, inlineWorkers()]) {
      expect(await read(store, workers)).toEqual(new Uint16Array(PIXELS.buffer));
    }
    expect(await deepFindings(store)).toEqual([]);
  });

  test("that is cut short is an error that names it, and no pixels", async () => {
    const chunk = await encode(PIXELS);
    for (const length of [0, 1, 15, 20, chunk.length >> 1, chunk.length - 1]) {
      await expectDamage(
        await storeWith(list, chunk.subarray(0, length)),
        /chunk \(0, 0\) of \/0 in tiny cannot be read: it /,
      );
    }
  });

  test("that would become more than the chunk has room for stops there", async () => {
    const before = process.memoryUsage().rss;
    const bomb = await encode(new Uint8Array(200_000_000));
    // What is encoded may be too long for the chunk already.
    await expectDamage(await storeWith(list, bomb), /decodes to|has .*B, though at most 81.9 kB make sense/);
    await expectDamage(await storeWith(list, await encode(new Uint8Array(SIZE + 1))), /decodes to/);
    await expectDamage(await storeWith(list, await encode(new Uint8Array(SIZE - 1))), /decodes to/);
    // What is encoded here takes memory too.
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024);
  });
});

test.for([
  ["the block's offset", 16],
  ["the size of a block", 8],
  ["the size of the frame", 12],
  ["the size of the first stream", 20],
] as const)("damage to %s in a blosc chunk gives no pixels", async ([, at]) => {
  const chunk = await codecs.blosc.encode(PIXELS, BLOSC);
  for (const bit of [0x01, 0x10, 0x80]) {
    for (const byte of [at, at + 1, at + 3]) {
      const damaged = chunk.slice();
      damaged[byte] = (damaged[byte] as number) ^ bit;
      await expectDamage(
        await storeWith([{ name: "blosc", configuration: BLOSC }], damaged),
        /cannot be read/,
      );
    }
  }
});

test("a blosc chunk with snappy is not called damaged", async () => {
  const chunk = await codecs.blosc.encode(PIXELS, BLOSC);
  chunk[2] = ((chunk[2] as number) & 0x1f) | (2 << 5);
  const store = await storeWith([{ name: "blosc", configuration: BLOSC }], chunk);
  await expect(read(store)).rejects.toMatchObject({ _tag: "Unsupported", feature: "blosc with snappy" });
});

describeWithSharedData("a blosc chunk that was damaged on a disk", "cases/damaged-blosc-bit.zarr", (path) => {
  test.for(["damaged-blosc-bit.zarr", "damaged-blosc-zeroed.zarr"])("%s", async (name) => {
    const store = openDirectoryStore(path.replace(/[^/\\]*$/, name));
    await expectDamage(store, /cannot be read: it /);
  });
});
