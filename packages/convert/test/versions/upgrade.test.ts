import { deflateSync } from "node:zlib";
import { type JsonObject, readHierarchy, readOme, type Store } from "@ozx/core";
import { loadCodecs } from "@ozx/core/codecs";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import { checkOme } from "@ozx/core/validate";
import { readValues, type SampleOptions, sampleArrays, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { planTransfer, runTransfer } from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";

const TINY: SampleOptions = { version: "0.4", size: { c: 2, z: 2, y: 50, x: 60 }, levels: 2, chunk: 32 };

async function upgrade(source: Store): Promise<Store> {
  const target = memoryTarget();
  await runTransfer(await planTransfer(source, { zarrFormat: 3 }), target);
  return target.store;
}

async function readJson(store: Store, key: `/${string}`): Promise<JsonObject> {
  const bytes = await store.get(key);
  if (bytes === undefined) throw new Error(`${key} is missing`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

describe("an upgraded image has the same values", () => {
  const variants: SampleOptions[] = (["none", "gzip", "zstd", "blosc"] as const).flatMap((codec) =>
    (["C", "F"] as const).flatMap((order) =>
      (["<", ">"] as const).flatMap((byteOrder) =>
        (["uint8", "uint16", "float32"] as const).map((dtype) => ({ codec, order, byteOrder, dtype })),
      ),
    ),
  );
  test.each(variants)("$codec $order $byteOrder $dtype", async (variant) => {
    const options = { ...TINY, ...variant };
    const upgraded = await upgrade(await sampleStore(options));
    for (const { path, content } of sampleArrays(options)) {
      const { values } = await readValues(upgraded, path);
      expect(values, path).toEqual(Array.from<unknown>(content.values));
    }
  });
});

test("chunk bytes are those of the source, under Zarr v3's keys", async () => {
  const source = await sampleStore({ ...TINY, separator: "." });
  const upgraded = await upgrade(source);
  expect(await upgraded.get("/0/c/1/0/1/1")).toEqual(await source.get("/0/1.0.1.1"));
  expect(await upgraded.get("/0/1.0.1.1")).toBeUndefined();
});

test("no document of Zarr v2 is left, and every group and array has its zarr.json", async () => {
  const source = await sampleStore(TINY);
  await source.set("/.zmetadata", stringifyJson({}));
  const upgraded = await upgrade(source);
  const keys: string[] = [];
  for await (const { key } of upgraded.list()) keys.push(key);
  expect(keys.filter((key) => /\/\.z/.test(key))).toEqual([]);
  for (const path of [
    "",
    "/0",
    "/labels",
    "/labels/cells",
    "/labels/cells/1",
    "/tables",
    "/tables/measurements",
  ]) {
    expect(keys).toContain(`${path}/zarr.json`);
  }
});

test("OME metadata moves under ome, with one version; other attributes stay", async () => {
  const source = await sampleStore(TINY);
  const attributes = await readJson(source, "/.zattrs");
  await source.set(
    "/.zattrs",
    stringifyJson({
      ...attributes,
      omero: { ...(attributes["omero"] as object), version: "0.4" },
      lab: { freezer: 7 },
    }),
  );
  const upgraded = await upgrade(source);
  const root = (await readJson(upgraded, "/zarr.json"))["attributes"] as Record<string, unknown>;
  expect(Object.keys(root).sort()).toEqual(["lab", "ome"]);
  expect(root["lab"]).toEqual({ freezer: 7 });
  const ome = root["ome"] as Record<string, unknown>;
  expect(ome["version"]).toBe("0.5");
  expect(JSON.stringify(ome["multiscales"])).not.toContain("version");
  expect(ome["omero"]).not.toHaveProperty("version");
  const labels = await readJson(upgraded, "/labels/zarr.json");
  expect(labels["attributes"]).toEqual({ ome: { version: "0.5", labels: ["cells"] } });
  const cells = await readJson(upgraded, "/labels/cells/zarr.json");
  expect(cells["attributes"]).toMatchObject({ ome: { version: "0.5", "image-label": { version: "0.5" } } });
  expect(await readJson(upgraded, "/labels/cells/0/zarr.json")).toHaveProperty("dimension_names", [
    "z",
    "y",
    "x",
  ]);
  expect(await readJson(upgraded, "/0/zarr.json")).toHaveProperty("dimension_names", ["c", "z", "y", "x"]);
});

interface UpgradedImage {
  readonly attributes: {
    readonly ome: {
      readonly multiscales: readonly [
        {
          readonly datasets: readonly [{ readonly coordinateTransformations: unknown }];
          readonly coordinateTransformations?: unknown;
        },
      ];
    };
  };
}

test("an identity, which iohub writes and no version allows, is left out where it is not alone", async () => {
  const scale = { type: "scale", scale: [2, 0.5] };
  const identity = { type: "identity" };
  const upgradeSteps = async (ofLevel: readonly object[], ofAll?: readonly object[]) => {
    const source = await imageWith({});
    const [multiscale] = (await readJson(source, "/.zattrs"))["multiscales"] as JsonObject[];
    const datasets = [{ path: "0", coordinateTransformations: ofLevel }];
    const written = { ...multiscale, datasets, ...(ofAll && { coordinateTransformations: ofAll }) };
    await (source as MemoryStore).set("/.zattrs", stringifyJson({ multiscales: [written] }));
    const upgraded = await upgrade(source);
    const found = await checkOme(await readHierarchy(upgraded));
    const errors = found.filter(({ severity }) => severity === "error").map(({ rule }) => rule);
    const { attributes } = (await readJson(upgraded, "/zarr.json")) as unknown as UpgradedImage;
    const [after] = attributes.ome.multiscales;
    return {
      level: after.datasets[0].coordinateTransformations,
      all: after.coordinateTransformations,
      errors,
    };
  };
  const valid = { level: [scale], all: undefined, errors: [] };
  expect(await upgradeSteps([scale], [identity])).toEqual(valid);
  expect(await upgradeSteps([scale, identity], [identity, identity])).toEqual(valid);
  expect(await upgradeSteps([scale], [identity, scale])).toEqual({ ...valid, all: [scale] });
  // Alone it says what the level is, and stays for a rule to find.
  expect(await upgradeSteps([identity])).toMatchObject({ level: [identity] });
});

/** An image of one array, whose `.zarray` can be anything. */
async function imageWith(zarray: object, extra: Record<`/${string}`, object> = {}): Promise<Store> {
  const store = memoryStore(new Map(), "image.zarr");
  const multiscales = [
    {
      version: "0.4",
      axes: [
        { name: "y", type: "space" },
        { name: "x", type: "space" },
      ],
      datasets: [{ path: "0", coordinateTransformations: [{ type: "scale", scale: [1, 1] }] }],
    },
  ];
  const documents = {
    "/.zgroup": { zarr_format: 2 },
    "/.zattrs": { multiscales },
    "/0/.zarray": {
      zarr_format: 2,
      shape: [2, 2],
      chunks: [2, 2],
      dtype: "<u2",
      compressor: null,
      filters: null,
      fill_value: 0,
      order: "C",
      ...zarray,
    },
    ...extra,
  };
  for (const [key, document] of Object.entries(documents))
    await store.set(key as `/${string}`, stringifyJson(document as never));
  return store;
}

describe("metadata of arrays", () => {
  test.each([
    [{ fill_value: null }, { fill_value: 0 }],
    [
      { dtype: "|b1", fill_value: null },
      { fill_value: false, data_type: "bool", codecs: [{ name: "bytes" }] },
    ],
    [{ dtype: "|b1", fill_value: 1 }, { fill_value: true }],
    [
      { dtype: "<f4", fill_value: "NaN" },
      { fill_value: "NaN", data_type: "float32" },
    ],
    [{ dtype: "<f8", fill_value: "-Infinity" }, { fill_value: "-Infinity" }],
    [
      { dtype: "<c8", fill_value: 0 },
      { fill_value: [0, 0], data_type: "complex64" },
    ],
    [{ dtype: ">i4" }, { data_type: "int32", codecs: [{ name: "bytes", configuration: { endian: "big" } }] }],
    [{ dtype: "|u1" }, { data_type: "uint8", codecs: [{ name: "bytes" }] }],
    [
      { compressor: { id: "gzip", level: 4 } },
      { codecs: [expect.anything(), { name: "gzip", configuration: { level: 4 } }] },
    ],
    ...[-1, 10, "6"].map((level): [object, object] => [
      { compressor: { id: "gzip", level } },
      { codecs: [expect.anything(), { name: "gzip", configuration: { level: 6 } }] },
    ]),
    ...[
      [23, 22],
      [-131_073, -131_072],
      [-5, -5],
    ].map(([level, expected]): [object, object] => [
      { compressor: { id: "zstd", level } },
      { codecs: [expect.anything(), { name: "zstd", configuration: { level: expected } }] },
    ]),
    ...[-1, 10].map((clevel): [object, object] => [
      { compressor: { id: "blosc", cname: "lz4", clevel, shuffle: 1 } },
      { codecs: [expect.anything(), { name: "blosc", configuration: { clevel: 5 } }] },
    ]),
    [
      { compressor: { id: "zstd", level: 3, checksum: true } },
      { codecs: [expect.anything(), { name: "zstd", configuration: { level: 3, checksum: true } }] },
    ],
    [
      { compressor: { id: "blosc", cname: "zstd", clevel: 9, shuffle: -1, blocksize: 0 } },
      {
        codecs: [
          expect.anything(),
          {
            name: "blosc",
            configuration: { typesize: 2, cname: "zstd", clevel: 9, shuffle: "shuffle", blocksize: 0 },
          },
        ],
      },
    ],
    [
      { dtype: "|u1", compressor: { id: "blosc", cname: "lz4", clevel: 5, shuffle: -1 } },
      {
        codecs: [
          expect.anything(),
          {
            name: "blosc",
            configuration: { typesize: 1, cname: "lz4", clevel: 5, shuffle: "bitshuffle", blocksize: 0 },
          },
        ],
      },
    ],
    [
      { order: "F" },
      { codecs: [{ name: "transpose", configuration: { order: [1, 0] } }, expect.anything()] },
    ],
  ])("%j", async (zarray, expected) => {
    const upgraded = await upgrade(await imageWith(zarray));
    expect(await readJson(upgraded, "/0/zarr.json")).toMatchObject(expected);
  });

  test("a fill value beyond 2^53 keeps every digit", async () => {
    const source = memoryStore(new Map(), "image.zarr");
    for await (const { key } of (await imageWith({ dtype: "<u8" })).list()) {
      const bytes = await (await imageWith({ dtype: "<u8" })).get(key);
      const text = new TextDecoder()
        .decode(bytes)
        .replace('"fill_value": 0', '"fill_value": 18446744073709551615');
      await source.set(key, new TextEncoder().encode(text));
    }
    const upgraded = await upgrade(source);
    expect(new TextDecoder().decode(await upgraded.get("/0/zarr.json"))).toContain(
      '"fill_value": 18446744073709551615',
    );
  });

  test.each([
    ["<u2", true, 1],
    ["<u2", "7", 7],
    ["|i1", "-7", -7],
    ["<f4", "nan", "NaN"],
    ["<f4", "-inf", "-Infinity"],
    ["<f4", "0", 0],
    ["<f8", true, 1],
  ])("the fill value of %s, %j, which zarr-python reads, becomes %j", async (dtype, fill_value, expected) => {
    const upgraded = await upgrade(await imageWith({ dtype, fill_value }));
    expect((await readJson(upgraded, "/0/zarr.json"))["fill_value"]).toBe(expected);
  });

  test.each([
    ["<f4", -0],
    ["<u2", 0],
  ])("the fill value -0.0 of %s becomes %d", async (dtype, expected) => {
    const upgraded = await upgrade(await imageWith({ dtype, fill_value: -0 }));
    const { fill_value } = await readJson(upgraded, "/0/zarr.json");
    expect(fill_value).toBe(expected);
  });

  test("xarray's names of dimensions become dimension_names if no image names them", async () => {
    const table = {
      zarr_format: 2,
      shape: [3],
      chunks: [3],
      dtype: "<f4",
      compressor: null,
      filters: null,
      fill_value: 0,
      order: "C",
    };
    const upgraded = await upgrade(
      await imageWith({}, { "/t/.zarray": table, "/t/.zattrs": { _ARRAY_DIMENSIONS: ["row"], unit: "m" } }),
    );
    expect(await readJson(upgraded, "/t/zarr.json")).toMatchObject({
      dimension_names: ["row"],
      attributes: { unit: "m" },
    });
  });
});

describe("what Zarr v3 lacks", () => {
  const elements = (...values: number[]): Uint8Array => new Uint8Array(Uint16Array.from(values).buffer);
  const lz4 = async (bytes: Uint8Array) => (await loadCodecs()).lz4.encode(bytes, {});

  test.each([
    [
      { compressor: { id: "zlib", level: 4 } },
      deflateSync(elements(7, 8, 9, 10)),
      "gzip",
      "has no zlib codec",
    ],
    [
      { compressor: { id: "zlib", level: -1 } },
      deflateSync(elements(7, 8, 9, 10)),
      "gzip",
      "has no zlib codec",
    ],
    [{ compressor: { id: "lz4" } }, lz4(elements(7, 8, 9, 10)), "zstd", "re-encoded with zstd:5"],
    [{ filters: [{ id: "delta", dtype: "<u2" }] }, elements(7, 1, 1, 1), "zstd", "re-encoded with zstd:5"],
    [
      { filters: [{ id: "delta", dtype: "<u2" }], compressor: { id: "zlib" } },
      deflateSync(elements(7, 1, 1, 1)),
      "zstd",
      "the filters",
    ],
  ])(
    "%j becomes another codec with the same values, which is reported",
    async (zarray, chunk, codec, said) => {
      const source = (await imageWith(zarray)) as MemoryStore;
      await source.set("/0/0.0", new Uint8Array(await chunk));
      const target = memoryTarget();
      const plan = await planTransfer(source, { zarrFormat: 3 });
      expect(plan.findings.map(({ message }) => message).join()).toContain(said);
      await runTransfer(plan, target);
      expect((await readValues(target.store, "/0")).values).toEqual([7, 8, 9, 10]);
      const { codecs } = (await readJson(target.store, "/0/zarr.json")) as { codecs: { name: string }[] };
      expect(codecs.map(({ name }) => name)).toEqual(["bytes", codec]);
    },
  );

  test("bitround needs no decoding, and is dropped", async () => {
    const source = (await imageWith({ filters: [{ id: "bitround", keepbits: 3 }] })) as MemoryStore;
    await source.set("/0/0.0", elements(7, 8, 9, 10));
    expect((await readValues(await upgrade(source), "/0")).values).toEqual([7, 8, 9, 10]);
  });
});

describe("what cannot be upgraded without loss is refused by name", () => {
  test.each([
    [{ compressor: { id: "bz2", level: 1 } }, "bz2"],
    [{ compressor: { id: "lzma" } }, "lzma"],
    [{ filters: [{ id: "quantize", digits: 1, dtype: "<f4" }] }, "quantize"],
    [{ dtype: "<u2", filters: [{ id: "delta", dtype: "<u2", astype: "|u1" }] }, "delta"],
    [{ dtype: "<u2", filters: [{ id: "delta", dtype: "<u2" }], compressor: { id: "bz2" } }, "bz2"],
    [
      {
        filters: [
          { id: "shuffle", elementsize: 2 },
          { id: "delta", dtype: "<u2" },
        ],
      },
      "shuffle before",
    ],
    [{ filters: [{ id: "shuffle", elementsize: 0 }] }, "shuffle by 0"],
    [
      { dtype: "<i8", filters: [{ id: "fixedscaleoffset", scale: 2, offset: 0, dtype: "<i8" }] },
      "fixedscaleoffset of 64-bit",
    ],
    [{ dtype: "|S5", fill_value: "" }, "|S5"],
    [{ dtype: "<U4", fill_value: "" }, "<U4"],
    [{ dtype: "<M8[ns]" }, "<M8[ns]"],
    [{ dtype: [["a", "<u2"]] }, '[["a","<u2"]]'],
    [{ dtype: "|O", filters: [{ id: "pickle" }] }, "|O"],
    [{ fill_value: 0.5 }, "0.5"],
    [{ fill_value: "NaN" }, "NaN"],
  ])("%j", async (zarray, named) => {
    const refusal = upgrade(await imageWith(zarray));
    await expect(refusal).rejects.toMatchObject({
      _tag: "Unsupported",
      location: "image.zarr",
      path: "0/.zarray",
    });
    await expect(refusal).rejects.toThrow(named);
  });

  test("a level with another number of dimensions than the image has axes", async () => {
    await expect(upgrade(await imageWith({ shape: [2], chunks: [2] }))).rejects.toMatchObject({
      _tag: "InvalidMetadata",
      path: "/0",
    });
  });

  test("a file that already has a new key", async () => {
    const source = await imageWith({}, { "/0/c/0/0": {}, "/0/0.0": {} });
    await expect(upgrade(source)).rejects.toMatchObject({ _tag: "InvalidMetadata", path: "/0/c/0/0" });
  });
});

describe("collections", () => {
  /** Documents of a collection, with a one-pixel image at each of the paths. */
  async function collection(
    documents: Record<`/${string}`, JsonObject>,
    images: readonly `/${string}`[],
  ): Promise<MemoryStore> {
    const store = memoryStore(new Map(), "collection.zarr");
    for (const [key, document] of Object.entries(documents))
      await store.set(key as `/${string}`, stringifyJson(document));
    for (const path of images) {
      const image = await imageWith({});
      for await (const { key } of image.list())
        await store.set(`${path}${key}`, (await image.get(key)) ?? new Uint8Array());
    }
    return store;
  }
  const group = { zarr_format: 2 };

  test("a plate: rows become groups, plate and wells get the version", async () => {
    const plate = {
      columns: [{ name: "1" }],
      rows: [{ name: "A" }],
      wells: [{ path: "A/1", rowIndex: 0, columnIndex: 0 }],
      version: "0.4",
    };
    const source = await collection(
      {
        "/.zgroup": group,
        "/.zattrs": { plate },
        "/A/1/.zgroup": group,
        "/A/1/.zattrs": { well: { images: [{ path: "0" }], version: "0.4" } },
      },
      ["/A/1/0"],
    );
    const upgraded = await upgrade(source);
    expect(await readJson(upgraded, "/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5", plate: { ...plate, version: "0.5" } } },
    });
    expect(await readJson(upgraded, "/A/zarr.json")).toEqual({
      zarr_format: 3,
      node_type: "group",
      attributes: {},
    });
    expect(await readJson(upgraded, "/A/1/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5", well: { version: "0.5" } } },
    });
    expect(await readJson(upgraded, "/A/1/0/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5" } },
    });
    expect(
      (await checkOme(await readHierarchy(upgraded))).filter(({ severity }) => severity === "error"),
    ).toEqual([]);
  });

  test("a bioformats2raw collection: layout and series move, OME-XML stays", async () => {
    const source = await collection(
      {
        "/.zgroup": group,
        "/.zattrs": { "bioformats2raw.layout": 3 },
        "/OME/.zgroup": group,
        "/OME/.zattrs": { series: ["0", "1"] },
      },
      ["/0", "/1"],
    );
    await source.set("/OME/METADATA.ome.xml", new TextEncoder().encode("<OME><Image/><Image/></OME>"));
    const upgraded = await upgrade(source);
    expect(await readJson(upgraded, "/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5", "bioformats2raw.layout": 3 } },
    });
    expect(await readJson(upgraded, "/OME/zarr.json")).toMatchObject({
      attributes: { ome: { version: "0.5", series: ["0", "1"] } },
    });
    expect(await upgraded.get("/OME/METADATA.ome.xml")).toEqual(await source.get("/OME/METADATA.ome.xml"));
    expect(readOme(await readHierarchy(upgraded))).toMatchObject({
      kind: "bioformats2raw",
      images: ["/0", "/1"],
    });
  });

  test("members with OME-Zarr's names in other groups stay where they are", async () => {
    const source = await imageWith(
      {},
      { "/notes/.zgroup": group, "/notes/.zattrs": { series: 7, labels: ["a"] } },
    );
    expect(await readJson(await upgrade(source), "/notes/zarr.json")).toMatchObject({
      attributes: { series: 7, labels: ["a"] },
    });
  });
});
