import { type OpenLevel, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { encodeChain, encodeJson, imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { narrowFloats, widenHalves } from "../../src/zarr/data-types.js";

type Json = { readonly [name: string]: unknown };

const LITTLE: Json = { name: "bytes", configuration: { endian: "little" } };
const BIG: Json = { name: "bytes", configuration: { endian: "big" } };
const GZIP: Json = { name: "gzip", configuration: { level: 6 } };
const SWAP: Json = { name: "transpose", configuration: { order: [1, 0] } };
const INDEX = [LITTLE, { name: "crc32c" }];

function shards(shape: readonly number[], codecs: readonly Json[]): Json {
  return { name: "sharding_indexed", configuration: { chunk_shape: shape, codecs, index_codecs: INDEX } };
}

/** An image of 8 × 12 uint16 in shards of 4 × 8, of which the last one is missing. */
function image(codecs: readonly Json[], change: Json = {}, values = valueAt) {
  const [shape, grid] = [
    [8, 12],
    [4, 8],
  ];
  const document = {
    ...{ codecs, chunk_grid: { name: "regular", configuration: { chunk_shape: grid } } },
    dimension_names: ["y", "x"],
    fill_value: 7,
    ...change,
  };
  const files = smallImage({ "/": imageMetadata("yx") }, { "/0": { shape, document } });
  for (const [row, column] of [
    [0, 0],
    [0, 1],
    [1, 0],
  ] as const) {
    const elements = new Uint16Array(32).map((_, k) =>
      values(row * 4 + Math.floor(k / 8), column * 8 + (k % 8)),
    );
    const bytes = new Uint8Array(elements.buffer);
    files.set(`/0/c/${row}/${column}`, encodeChain(codecs, { bytes, shape: grid, itemSize: 2 }));
  }
  return memoryStore(files, "image.zarr");
}

function valueAt(y: number, x: number): number {
  // A chunk of zeros, which is missing in its shard.
  return y < 2 && x < 4 ? 0 : y * 100 + x + 1;
}

async function levelOf(store: ReturnType<typeof memoryStore>): Promise<OpenLevel> {
  const level = (await openOmeZarr(store, { formats: [] })).images[0]?.level(0);
  if (level === undefined) throw new Error("no level");
  return level;
}

const CHAINS: readonly (readonly [string, readonly Json[]])[] = [
  ["shards in shards", [shards([2, 4], [shards([1, 2], [LITTLE, GZIP])])]],
  ["shards in shards in shards", [shards([4, 4], [shards([2, 4], [shards([1, 2], [BIG])])])]],
  ["gzip around shards", [shards([2, 4], [LITTLE]), GZIP]],
  [
    "gzip around shards in shards, and in between",
    [shards([2, 4], [shards([2, 2], [BIG, GZIP]), GZIP]), GZIP],
  ],
  ["a transposition before shards", [SWAP, shards([4, 2], [LITTLE, GZIP])]],
  ["a transposition before shards in shards", [SWAP, shards([4, 4], [SWAP, shards([2, 2], [LITTLE])])]],
];

describe.each(CHAINS)("%s", (_, codecs) => {
  test("are read like any other array", async () => {
    const level = await levelOf(image(codecs));
    const { data, shape } = await level.read();
    expect(shape).toEqual([8, 12]);
    const inner = (y: number, x: number): number => (valueAt(y, x) === 0 ? 7 : valueAt(y, x));
    expect([...(data as Uint16Array)]).toEqual(
      Array.from({ length: 96 }, (_, k) => {
        const [y, x] = [Math.floor(k / 12), k % 12];
        return y >= 4 && x >= 8 ? 7 : isStored(codecs, y, x) ? valueAt(y, x) : inner(y, x);
      }),
    );
    const part = await level.read({ y: [3, 6], x: 9 });
    expect([...(part.data as Uint16Array)].slice(0, 1)).toEqual([valueAt(3, 9)]);
    expect((await level.array()).shape).toEqual([8, 12]);
  });

  test("damage is an error that names the chunk", async () => {
    const store = image(codecs);
    const bytes = (await store.get("/0/c/0/1")) ?? new Uint8Array();
    await store.set("/0/c/0/1", bytes.subarray(0, bytes.length - 3));
    await expect((await levelOf(store)).read()).rejects.toMatchObject({
      _tag: "CorruptData",
      message: expect.stringMatching(
        /^(?:chunk \(0, 1\) of \/0|0\/c\/0\/1) in image\.zarr (?:cannot be read: it|is damaged)/,
      ),
    });
  });
});

/** Zeros are stored where their inner chunk has other values too. */
function isStored(codecs: readonly Json[], y: number, x: number): boolean {
  if (valueAt(y, x) !== 0) return true;
  const text = JSON.stringify(codecs);
  return text.includes("[4,4]") && !text.includes("[2,4]") && !text.includes("[2,2]");
}

test("what is in shards of shards and cannot be decoded is named", async () => {
  const store = image([shards([2, 4], [shards([1, 2], [LITTLE])])]);
  const document = JSON.parse(new TextDecoder().decode(await store.get("/0/zarr.json")));
  const codecs = [shards([2, 4], [shards([1, 2], [LITTLE, { name: "jpeg2k", configuration: {} }])])];
  await store.set("/0/zarr.json", encodeJson({ ...document, codecs }));
  await expect((await levelOf(store)).read()).rejects.toMatchObject({
    _tag: "Unsupported",
    message: expect.stringMatching(/the codec jpeg2k is not supported/),
  });
});

test("an index that claims more chunks than the shard has bytes is an error", async () => {
  const store = image([shards([2, 4], [shards([1, 2], [LITTLE])])]);
  await store.set("/0/c/0/0", new Uint8Array(20));
  await expect((await levelOf(store)).read()).rejects.toThrow(/fewer than its index/);
});

describe("float16, whether the engine has arrays of it or not", () => {
  const floats = Float32Array.of(1, -0, 65504, 2 ** -24, 0.1, Number.NaN, Infinity, 1000.5);
  const halves = narrowFloats(new Uint8Array(floats.buffer));

  test.each([
    ["chunks", [LITTLE, GZIP], undefined],
    ["big-endian chunks", [BIG], undefined],
    ["shards", [shards([1, 2], [LITTLE, GZIP])], undefined],
    ["shards in shards", [shards([1, 2], [shards([1, 1], [BIG])])], undefined],
    ["a fill value as bits", [LITTLE], "0x3c00"],
  ] as const)("is read as float32 from %s", async (_, codecs, fill) => {
    const document = { data_type: "float16", codecs, fill_value: fill ?? "NaN", dimension_names: ["y", "x"] };
    const files = smallImage(
      { "/": imageMetadata("yx") },
      { "/0": { shape: [2, 8], chunks: [1, 8], document: { ...document } } },
    );
    files.set("/0/c/0/0", encodeChain(codecs, { bytes: halves, shape: [1, 8], itemSize: 2 }));
    const level = await levelOf(memoryStore(files, "image.zarr"));
    const { data } = await level.read();
    expect(data).toBeInstanceOf(Float32Array);
    expect([...(data as Float32Array)].slice(0, 8)).toEqual([
      ...new Float32Array(widenHalves(halves, false).buffer),
    ]);
    expect([...(data as Float32Array)].slice(8)).toEqual(Array(8).fill(fill === undefined ? Number.NaN : 1));
    expect(level.dtype).toBe("float16");
    expect([...((await level.read({ y: 0, x: 7 })).data as Float32Array)]).toContain(1000.5);
    expect((await level.array()).dtype).toBe("float32");
  });

  test("all of its numbers are kept on the way to float32 and back", () => {
    const all = new Uint8Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer);
    const back = new Uint16Array(narrowFloats(widenHalves(all, false)).buffer);
    const isNaNBits = (bits: number): boolean => (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    expect(back.every((bits, k) => bits === k || (isNaNBits(bits) && isNaNBits(k)))).toBe(true);
  });

  test.each([
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    [65519, 65504],
    [65520, Infinity],
    [2 ** -25, 0],
    [2 ** -25 + 2 ** -40, 2 ** -24],
    [-(2 ** -14 - 2 ** -26), -(2 ** -14)],
  ])("%d is rounded to the nearest, halves to even", (value, rounded) => {
    const half = narrowFloats(new Uint8Array(Float32Array.of(value).buffer));
    expect(new Float32Array(widenHalves(half, false).buffer)[0]).toBe(rounded);
  });
});
