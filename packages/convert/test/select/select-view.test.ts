import { type AbsolutePath, type JsonObject, readHierarchy, type Store } from "@ozx/core";
import { type MemoryStore, memoryStore } from "@ozx/core/container";
import { stringifyJson } from "@ozx/core/internal";
import { checkOme, checkSchema } from "@ozx/core/validate";
import { encodeJson, readValues, type SampleOptions, sampleStore } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import {
  planTransfer,
  runTransfer,
  selectView,
  type TransferSelection,
  verifyStores,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { part } from "../support/part-of.js";

const SIZE: SampleOptions = { size: { c: 3, z: 4, y: 150, x: 170 }, levels: 3, chunk: 32 };

/** Takes a part and writes it, as `convert` does. */
async function take(source: Store, selection: TransferSelection): Promise<Store> {
  const target = memoryTarget();
  const view = await selectView(source, selection);
  await runTransfer(await planTransfer(view, {}), target);
  const differences: unknown[] = [];
  for await (const difference of verifyStores(view, target.store)) differences.push(difference);
  expect(differences).toEqual([]);
  return target.store;
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list()) keys.push(key);
  return keys.sort();
}

async function omeOf(store: Store, path = ""): Promise<JsonObject> {
  const v3 = await store.get(`${path}/zarr.json` as AbsolutePath);
  const v2 = await store.get(`${path}/.zattrs` as AbsolutePath);
  const document = JSON.parse(new TextDecoder().decode(v3 ?? v2));
  return v3 ? document.attributes.ome : document;
}

/** With a label image that names its image. */
async function withSource(store: MemoryStore, path: AbsolutePath, image: string): Promise<MemoryStore> {
  const key: AbsolutePath = `${path}/zarr.json`;
  const document = JSON.parse(new TextDecoder().decode(await store.get(key)));
  document.attributes.ome["image-label"].source = { image };
  await store.set(key, stringifyJson(document));
  return store;
}

/** A plate of 2 × 2 wells with one field each, all of them the same sample. */
async function plate(version: "0.4" | "0.5", options: SampleOptions = {}): Promise<MemoryStore> {
  const field = await sampleStore({
    size: { c: 2, z: 2, y: 64, x: 64 },
    levels: 2,
    chunk: 32,
    ...options,
    version,
  });
  const store = memoryStore(new Map(), "plate");
  const put = async (path: string, ome: JsonObject): Promise<void> => {
    if (version === "0.4") {
      await store.set(`${path}/.zgroup` as AbsolutePath, stringifyJson({ zarr_format: 2 }));
      await store.set(`${path}/.zattrs` as AbsolutePath, stringifyJson(ome));
      return;
    }
    const attributes = Object.keys(ome).length === 0 ? {} : { ome: { version, ...ome } };
    await store.set(
      `${path}/zarr.json` as AbsolutePath,
      stringifyJson({ zarr_format: 3, node_type: "group", attributes }),
    );
  };
  const wells = ["B/03", "B/04", "C/03", "C/04"];
  await put("", {
    plate: {
      version,
      rows: [{ name: "B" }, { name: "C" }],
      columns: [{ name: "03" }, { name: "04" }],
      wells: wells.map((path, n) => ({ path, rowIndex: n >> 1, columnIndex: n & 1 })),
    },
  });
  await put("/B", {});
  await put("/C", {});
  for (const well of wells) {
    await put(`/${well}`, { well: { version, images: [{ path: "0" }] } });
    for await (const { key } of field.list()) {
      await store.set(`/${well}/0${key}`, (await field.get(key)) ?? new Uint8Array());
    }
  }
  return store;
}

describe("--path", () => {
  test.each(["0.4", "0.5"] as const)(
    "a well of a %s plate becomes the root, with its fields",
    async (version) => {
      const source = await plate(version);
      const well = await take(source, { path: "B/03" });
      const expected = (await keysOf(source)).filter((key) => key.startsWith("/B/03/"));
      expect(await keysOf(well)).toEqual(expected.map((key) => key.slice("/B/03".length)));
      expect(await omeOf(well)).toHaveProperty("well");
      const errors = (await checkOme(await readHierarchy(well))).filter(
        ({ severity }) => severity === "error",
      );
      expect(errors).toEqual([]);
    },
  );

  test("a field, and a label image in it", async () => {
    const source = await plate("0.5");
    expect(await readValues(await take(source, { path: "/C/04/0/" }), "/1")).toEqual(
      await readValues(source, "/C/04/0/1"),
    );
    const label = await take(source, { path: "C/04/0/labels/cells" });
    expect(await omeOf(label)).toHaveProperty("image-label");
    expect(await readValues(label, "/0")).toEqual(await readValues(source, "/C/04/0/labels/cells/0"));
  });

  test.each(["0.4", "0.5"] as const)(
    "a label image of %s names no image that stays behind",
    async (version) => {
      const source = await plate(version);
      const path = "C/04/0/labels/cells";
      const view = await selectView(source, { path });
      expect(view.findings.map(({ rule, where, message }) => [rule, where, message])).toEqual([
        [
          "label-source-dropped",
          "/",
          "The label image /C/04/0/labels/cells no longer names its image ../../, which is not part of the output.",
        ],
      ]);
      const label = await take(source, { path });
      const { source: _left, ...others } = (await omeOf(source, `/${path}`))["image-label"] as JsonObject;
      expect((await omeOf(label))["image-label"]).toEqual(others);
      const rules = (await checkOme(await readHierarchy(label))).map(({ rule }) => rule);
      expect(rules).not.toContain("ome-label-source");
      const smaller = await take(source, { path, levels: { start: 1, stop: 2 } });
      expect((await omeOf(smaller))["image-label"]).toEqual(others);
      expect((await omeOf(smaller))["multiscales"]).toMatchObject([{ datasets: [{ path: "1" }] }]);
    },
  );

  test.each(["../../", "../../../../../C/04/0"])(
    "a label image names its image %s only where the same path leads to it",
    async (image) => {
      const source = await withSource(await plate("0.5"), "/C/04/0/labels/cells", image);
      const taken = await selectView(source, { path: "C/04/0" });
      const isInside = image === "../../";
      expect(await omeOf(taken, "/labels/cells")).toMatchObject({
        "image-label": isInside
          ? { source: { image } }
          : expect.not.objectContaining({ source: expect.anything() }),
      });
      expect(taken.findings).toHaveLength(isInside ? 0 : 1);
    },
  );

  test("nothing outside of the path is read", async () => {
    const source = await plate("0.5");
    const read: string[] = [];
    const spy: Store = {
      ...source,
      get: (key, options) => {
        read.push(key);
        return source.get(key, options);
      },
      readSync: (key, target) => {
        read.push(key);
        return source.readSync?.(key, target) ?? 0;
      },
    };
    await take(spy, { path: "B/03" });
    expect(read.filter((key) => !key.startsWith("/B/03/"))).toEqual([]);
  });

  test.each([
    ["B/05", "NotFound", "B in plate has B/03, B/04"],
    ["Z", "NotFound", "plate has B/03, B/04, C/03, C/04"],
    ["B", "UnknownFormat", "one of B/03, B/04"],
    ["B/03/0/0", "UnknownFormat", "--levels"],
    ["B/03/0/labels", "UnknownFormat", "one of B/03/0/labels/cells"],
    ["B/03/0/tables", "UnknownFormat", "is a group and contains no image"],
    ["../x", "Usage", "leads out"],
  ])("%s is refused: %s", async (path, tag, message) => {
    const taking = selectView(await plate("0.5"), { path });
    await expect(taking).rejects.toMatchObject({ _tag: tag });
    await expect(taking).rejects.toThrow(message);
  });
});

describe("nodes that are left out", () => {
  const table = { zarr_format: 2, shape: [4], chunks: [4], dtype: "|S4", compressor: null, fill_value: "" };

  test("do not prevent that the image is written", async () => {
    const source = await sampleStore({ ...SIZE, version: "0.4" });
    const rest = await keysOf(source);
    const { order, filters } = { order: "C", filters: null };
    await source.set("/extra/.zgroup", stringifyJson({ zarr_format: 2 }));
    await source.set("/extra/names/.zarray", stringifyJson({ ...table, order, filters }));
    await source.set("/extra/names/0", new Uint8Array(16));
    await expect(planTransfer(source, { zarrFormat: 3 })).rejects.toThrow("--leave-out extra/names");
    const view = await selectView(source, { leaveOut: ["extra"] });
    expect(await keysOf(view)).toEqual(rest);
    expect((await planTransfer(view, { zarrFormat: 3 })).to).toBe("0.5");
    const whole = await selectView(source, { leaveOut: ["/extra/names/"] });
    expect(await keysOf(whole)).toEqual([...rest, "/extra/.zgroup"].toSorted());
  });

  test("label images among them are not listed any more", async () => {
    const view = await selectView(await sampleStore(SIZE), { leaveOut: ["labels/cells"] });
    expect(await omeOf(view, "/labels")).toMatchObject({ labels: [] });
    expect((await keysOf(view)).some((key) => key.includes("cells"))).toBe(false);
  });

  test.each([
    ["1", "Usage", "/1 in sample is part of the image / and cannot be left out"],
    ["/", "Usage", "is part of the image /"],
    ["table", "NotFound", "there is no node /table in sample"],
  ])("%s is refused: %s", async (node, tag, message) => {
    const taking = selectView(await sampleStore(SIZE), { leaveOut: [node] });
    await expect(taking).rejects.toMatchObject({ _tag: tag });
    await expect(taking).rejects.toThrow(message);
  });
});

describe("--levels", () => {
  test.each(["0.4", "0.5"] as const)(
    "1: leaves out the largest level of the image and its labels, %s",
    async (version) => {
      const source = await sampleStore({ ...SIZE, version });
      await source.set("/.zmetadata", stringifyJson({}));
      const smaller = await take(source, { levels: { start: 1, stop: undefined } });
      const gone = /^\/(?:labels\/cells\/)?0\/|\.zmetadata/;
      const documents = (key: string): boolean => !gone.test(key);
      expect(await keysOf(smaller)).toEqual((await keysOf(source)).filter(documents));
      const [before, after] = [await omeOf(source), await omeOf(smaller)].map((ome) => {
        const [multiscale] = ome["multiscales"] as JsonObject[];
        return multiscale?.["datasets"] as JsonObject[];
      });
      expect(after).toEqual(before?.slice(1));
      expect(
        (await checkOme(await readHierarchy(smaller))).filter(({ severity }) => severity === "error"),
      ).toEqual([]);
    },
  );

  test("a single level of every image of a plate", async () => {
    const source = await plate("0.5");
    const one = await take(source, { levels: { start: 1, stop: 2 } });
    const keys = await keysOf(one);
    expect(keys.some((key) => /^\/[BC]\/\d+\/0\/0\//.test(key))).toBe(false);
    expect(keys.filter((key) => key.endsWith("/0/1/zarr.json"))).toHaveLength(4);
  });

  test("missing levels are refused, and label images without any are left out and reported", async () => {
    const source = await sampleStore(SIZE);
    await expect(selectView(source, { levels: { start: 5, stop: undefined } })).rejects.toThrow(
      "levels 0 to 2",
    );
    await expect(selectView(source, { levels: { start: 0, stop: 4 } })).rejects.toThrow(
      "levels 0:4 are not in the image / in sample, which has levels 0 to 2",
    );
    const cells = JSON.parse(new TextDecoder().decode(await source.get("/labels/cells/zarr.json")));
    cells.attributes.ome.multiscales[0].datasets.length = 1;
    await source.set("/labels/cells/zarr.json", stringifyJson(cells));
    const view = await selectView(source, { levels: { start: 1, stop: undefined } });
    expect(view.findings).toMatchObject([{ rule: "left-out", where: "/labels/cells" }]);
    expect(await omeOf(view, "/labels")).toMatchObject({ labels: [] });
    expect((await keysOf(view)).some((key) => key.startsWith("/labels/cells"))).toBe(false);
  });
});

describe("ranges", () => {
  const variants: SampleOptions[] = [
    { version: "0.5" },
    { version: "0.4", separator: ".", order: "F", codec: "blosc" },
    { version: "0.5", codec: "none", byteOrder: ">" },
  ];
  test.each(variants)("c and z of %j have the values of those planes", async (variant) => {
    const source = await sampleStore({ ...SIZE, ...variant });
    const taken = await take(source, {
      ranges: { c: { start: 1, stop: 2 }, z: { start: 2, stop: undefined } },
    });
    for (const level of ["/0", "/1", "/2"] as const) {
      const { shape, values } = await readValues(taken, level);
      expect(shape.slice(0, 2)).toEqual([1, 2]);
      expect(values).toEqual(await part(source, level, [1, 2], [2, 4]));
    }
    const label = await readValues(taken, "/labels/cells/1");
    expect(label.values).toEqual(await part(source, "/labels/cells/1", [2], [4]));
  });

  test("omero keeps the selected channels, and the translation has the position", async () => {
    const source = await sampleStore(SIZE);
    const before = (await omeOf(source))["omero"] as { channels: unknown[] };
    const taken = await take(source, {
      ranges: { c: { start: 1, stop: 3 }, z: { start: 1, stop: 3 } },
    });
    const ome = await omeOf(taken);
    expect(ome["omero"]).toMatchObject({
      channels: before.channels.slice(1),
      rdefs: { defaultZ: 1 },
    });
    const multiscales = ome["multiscales"] as [{ datasets: { coordinateTransformations: unknown }[] }];
    expect(multiscales[0].datasets[1]?.coordinateTransformations).toEqual([
      { type: "scale", scale: [1, 1.5, 0.65, 0.65] },
      { type: "translation", translation: [0, 1.5, 0, 0] },
    ]);
    expect(checkSchema("0.5", "image", { ome })).toEqual([]);
  });

  test("y and x at boundaries of all levels, up to the end of the array", async () => {
    // Chunks of 32 in three levels: every 128 pixels of the largest there is a border in all of them.
    const source = await sampleStore({ ...SIZE, size: { c: 1, z: 1, y: 300, x: 260 } });
    const taken = await take(source, {
      ranges: { y: { start: 128, stop: undefined }, x: { start: 0, stop: 128 } },
    });
    const expected = [
      [128, 300, 128],
      [64, 150, 64],
      [32, 75, 32],
    ] as const;
    for (const [level, [start, stop, width]] of expected.entries()) {
      const { shape, values } = await readValues(taken, `/${level}`);
      expect(shape).toEqual([1, 1, stop - start, width]);
      expect(values).toEqual(await part(source, `/${level}`, [0, 0, start, 0], [1, 1, stop, width]));
    }
  });

  test("shards are taken whole", async () => {
    const source = await sampleStore({ ...SIZE, shards: true });
    const taken = await take(source, { ranges: { z: { start: 2, stop: 4 } } });
    expect((await readValues(taken, "/0")).values).toEqual(await part(source, "/0", [0, 2], [3, 4]));
  });

  test("a channel whose name is a number, such as a wavelength, where there is no such position", async () => {
    const source = await sampleStore(SIZE);
    const document = JSON.parse(new TextDecoder().decode(await source.get("/zarr.json")));
    document.attributes.ome.omero.channels[1].label = "488";
    source.set("/zarr.json", encodeJson(document));
    const taken = await take(source, { ranges: { c: { start: 488, stop: 489 } } });
    expect((await omeOf(taken))["omero"]).toMatchObject({ channels: [{ label: "488" }] });
  });

  test("axes in capitals, as of iohub, are meant by small letters too", async () => {
    const source = await sampleStore(SIZE);
    const document = JSON.parse(new TextDecoder().decode(await source.get("/zarr.json")));
    for (const axis of document.attributes.ome.multiscales[0].axes) axis.name = axis.name.toUpperCase();
    source.set("/zarr.json", encodeJson(document));
    const taken = await take(source, { leaveOut: ["labels"], ranges: { z: { start: 1, stop: 3 } } });
    expect((await readValues(taken, "/0")).values).toEqual(await part(source, "/0", [0, 1], [3, 3]));
  });

  test.each([
    [{ c: { channel: "Gold" } }, 'has no channel "Gold": it has '],
    [{ c: { start: 2, stop: 5 } }, "which has c=0:3"],
    [{ t: { start: 0, stop: 1 } }, "has no axis t; its axes are c, z, y, x"],
  ])("%j is refused, with what there is", async (ranges, message) => {
    const taking = selectView(await sampleStore(SIZE), { ranges });
    await expect(taking).rejects.toMatchObject({ _tag: "Usage" });
    await expect(taking).rejects.toThrow(message);
  });

  test("every image of a plate; with levels, in pixels of the largest selected level", async () => {
    const source = await plate("0.4");
    const taken = await take(source, {
      levels: { start: 1, stop: undefined },
      ranges: { c: { start: 1, stop: 2 }, y: { start: 0, stop: 32 } },
    });
    for (const well of ["B/03", "C/04"] as const) {
      expect((await readValues(taken, `/${well}/0/1`)).values).toEqual(
        await part(source, `/${well}/0/1`, [1], [2]),
      );
    }
  });

  test("0.6 has the position in a sequence", async () => {
    const document = {
      zarr_format: 3,
      node_type: "group",
      attributes: {
        ome: {
          version: "0.6",
          multiscales: [
            {
              coordinateSystems: [
                { name: "intrinsic", axes: ["y", "x"].map((name) => ({ name, type: "space" })) },
              ],
              datasets: [
                {
                  path: "0",
                  coordinateTransformations: [
                    { type: "scale", scale: [2, 2], input: { path: "0" }, output: { name: "intrinsic" } },
                  ],
                },
              ],
            },
          ],
        },
      },
    };
    const source = await sampleStore({ ...SIZE, size: { c: 1, z: 1, y: 64, x: 64 } });
    const array = JSON.parse(new TextDecoder().decode(await source.get("/0/zarr.json")));
    const flat = {
      ...array,
      shape: [64, 64],
      chunk_grid: { name: "regular", configuration: { chunk_shape: [32, 32] } },
      dimension_names: ["y", "x"],
    };
    const store = memoryStore(
      new Map<AbsolutePath, Uint8Array>([
        ["/zarr.json", stringifyJson(document)],
        ["/0/zarr.json", stringifyJson(flat)],
      ]),
    );
    const taken = await take(store, { ranges: { y: { start: 32, stop: 64 } } });
    const ome = await omeOf(taken);
    expect(checkSchema("0.6", "image", { ome })).toEqual([]);
    expect(ome).toMatchObject({
      multiscales: [
        {
          datasets: [
            {
              coordinateTransformations: [
                {
                  type: "sequence",
                  input: { path: "0" },
                  output: { name: "intrinsic" },
                  transformations: [
                    { type: "scale", scale: [2, 2] },
                    { type: "translation", translation: [64, 0] },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
  });
});
