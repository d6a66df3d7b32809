import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { get, open, registry, root } from "zarrita";
import { loadCodecs } from "../../src/codecs/codecs.js";
import { registerCodecs } from "../../src/codecs/zarrita.js";
import { chunkData } from "./chunk-data.js";

const before = new Map(registry);
beforeAll(() => registerCodecs(registry));
afterAll(() => {
  for (const [name, codec] of before) registry.set(name, codec);
});

const codecs = await loadCodecs();
const pixels = chunkData("u16", 64 * 64 * 2);
const blosc = { typesize: 2, cname: "lz4", clevel: 5, shuffle: "shuffle", blocksize: 0 } as const;

/** An array of one chunk of 64 × 64 uint16. */
function arrayOf(list: object[], chunk: Uint8Array): Map<string, Uint8Array> {
  const document = {
    zarr_format: 3,
    node_type: "array",
    shape: [64, 64],
    data_type: "uint16",
    chunk_grid: { name: "regular", configuration: { chunk_shape: [64, 64] } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: 0,
    codecs: [{ name: "bytes", configuration: { endian: "little" } }, ...list],
    attributes: {},
  };
  return new Map([
    ["/zarr.json", new TextEncoder().encode(JSON.stringify(document))],
    ["/c/0/0", chunk],
  ]);
}

async function read(store: Map<string, Uint8Array>): Promise<Uint8Array> {
  const array = await open.v3(root(store as never), { kind: "array" });
  const { data } = await get(array);
  const { buffer, byteOffset, byteLength } = data as Uint16Array;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

describe("zarrita with these codecs", () => {
  test("reads each of them", async () => {
    const cases: [object[], Uint8Array][] = [
      [[{ name: "blosc", configuration: blosc }], await codecs.blosc.encode(pixels, blosc)],
      [
        [{ name: "zstd", configuration: { level: 3, checksum: true } }],
        await codecs.zstd.encode(pixels, { level: 3 }),
      ],
      [[{ name: "gzip", configuration: { level: -1 } }], await codecs.gzip.encode(pixels, { level: 6 })],
      [
        [{ name: "numcodecs.zlib", configuration: { level: 1 } }],
        await codecs.zlib.encode(pixels, { level: 6 }),
      ],
      [[{ name: "numcodecs.lz4", configuration: {} }], await codecs.lz4.encode(pixels, {})],
      [[{ name: "crc32c" }], await codecs.crc32c.encode(pixels, undefined)],
    ];
    for (const [list, chunk] of cases)
      expect(await read(arrayOf(list, chunk)), JSON.stringify(list)).toEqual(pixels);
  });

  test("reads codecs around codecs", async () => {
    const shuffled = await codecs.shuffle(2).encode(pixels, undefined);
    const inner = await codecs.zstd.encode(shuffled, { level: 3 });
    const chunk = await codecs.crc32c.encode(inner, undefined);
    const list = [
      { name: "numcodecs.shuffle", configuration: { elementsize: 2 } },
      { name: "zstd", configuration: { level: 3, checksum: false } },
      { name: "crc32c", configuration: {} },
    ];
    expect(await read(arrayOf(list, chunk))).toEqual(pixels);
  });

  test("refuses chunks of another size and bombs", async () => {
    const list = [{ name: "blosc", configuration: blosc }];
    for (const length of [pixels.length - 2, pixels.length + 2, 20_000_000]) {
      const chunk = await codecs.blosc.encode(new Uint8Array(length), blosc);
      await expect(read(arrayOf(list, chunk))).rejects.toMatchObject({
        cause: { message: `A blosc chunk decodes to ${length} and not to ${pixels.length} bytes.` },
      });
    }
  });

  test("refuses what is damaged", async () => {
    const chunk = await codecs.crc32c.encode(await codecs.zstd.encode(pixels, { level: 3 }), undefined);
    chunk[50] = (chunk[50] ?? 0) ^ 4;
    const list = [{ name: "zstd", configuration: { level: 3 } }, { name: "crc32c" }];
    await expect(read(arrayOf(list, chunk))).rejects.toThrow();
  });

  test("reads shards", async () => {
    const chunk = await codecs.blosc.encode(pixels, blosc);
    const index = new Uint8Array(16);
    new DataView(index.buffer).setBigUint64(8, BigInt(chunk.length), true);
    const shard = new Uint8Array([...chunk, ...(await codecs.crc32c.encode(index, undefined))]);
    const list = {
      name: "sharding_indexed",
      configuration: {
        chunk_shape: [64, 64],
        codecs: [
          { name: "bytes", configuration: { endian: "little" } },
          { name: "blosc", configuration: blosc },
        ],
        index_codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
        index_location: "end",
      },
    };
    const store = arrayOf([], shard);
    const document = JSON.parse(new TextDecoder().decode(store.get("/zarr.json")));
    store.set("/zarr.json", new TextEncoder().encode(JSON.stringify({ ...document, codecs: [list] })));
    const sharded = {
      get: async (key: string) => store.get(key),
      getRange: async (key: string, range: { offset?: number; length?: number; suffixLength?: number }) => {
        const bytes = store.get(key) as Uint8Array;
        const { suffixLength, offset = 0, length = 0 } = range;
        return suffixLength === undefined ? bytes.slice(offset, offset + length) : bytes.slice(-suffixLength);
      },
    };
    const array = await open.v3(root(sharded as never), { kind: "array" });
    const { data } = await get(array);
    expect(Buffer.from((data as Uint16Array).buffer).equals(pixels)).toBe(true);

    shard[shard.length - 1] = (shard[shard.length - 1] ?? 0) ^ 1;
    await expect(get(await open.v3(root(sharded as never), { kind: "array" }))).rejects.toThrow();
  });
});
