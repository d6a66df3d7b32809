import type { AbsolutePath, JsonObject } from "@ozx/core";
import { isOzxError } from "@ozx/core";
import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { readPlane } from "../../store-tiff/test/fixtures/read-plane.js";
import { type CziStore, openCzi } from "../src/index.js";
import { buildCzi, type FileToWrite, type TileToWrite, valuesOf, xmlOf } from "./fixtures/build-czi.js";

const SIDE = 8;

function tile(at: TileToWrite["at"], more: Partial<TileToWrite> = {}): TileToWrite {
  return { ...(at && { at }), width: SIDE, height: SIDE, pixels: valuesOf(SIDE, SIDE), ...more };
}

async function open(tiles: readonly TileToWrite[], more?: FileToWrite): Promise<CziStore> {
  return openCzi(memorySource(buildCzi(tiles, more), "cells.czi"));
}

async function attributesAt(
  store: CziStore,
  path: AbsolutePath = "/",
): Promise<JsonObject & { ome: JsonObject }> {
  const bytes = await store.get(path === "/" ? "/zarr.json" : `${path}/zarr.json`);
  return JSON.parse(new TextDecoder().decode(bytes)).attributes;
}

function rulesOf(store: CziStore): string[] {
  return (store.findings ?? []).map(({ rule }) => rule);
}

describe("the metadata", () => {
  const XML = xmlOf(`
    <Information><Image><SizeX>99999</SizeX><AcquisitionDateAndTime>2020-01-02T03:04:05Z</AcquisitionDateAndTime>
      <ComponentBitCount>12</ComponentBitCount><Dimensions>
      <Channels><Channel Id="Channel:0" Name="DAPI"/><Channel Id="Channel:1" Name="a &lt;b&gt;"><Color>#FF00FF00</Color></Channel></Channels>
      <T><Positions><Interval><Increment>2.5</Increment></Interval></Positions></T></Dimensions></Image></Information>
    <Scaling><Items><Distance Id="X"><Value>2.5E-07</Value></Distance><Distance Id="Y"><Value>2.5E-07</Value></Distance>
      <Distance Id="Z"><Value>0.0000015</Value></Distance></Items></Scaling>
    <DisplaySetting><Channels><Channel Id="Channel:0"><Color>#FF0080FF</Color><Low>0.1</Low><High>0.5</High></Channel></Channels></DisplaySetting>`);
  const tiles = [0, 1].flatMap((T) =>
    [0, 1].flatMap((C) => [3, 4].map((Z) => tile({ T, C, Z }, { type: 1, width: SIDE / 2 }))),
  );

  test("gives pixel sizes, times, names, colours and windows, and no sizes", async () => {
    const store = await open(tiles, { xml: XML });
    const { ome, czi } = await attributesAt(store);
    const [{ axes, datasets }] = ome["multiscales"] as [{ axes: JsonObject[]; datasets: unknown }];
    expect(axes.map(({ name, unit }) => [name, unit])).toEqual([
      ["t", "second"],
      ["c", undefined],
      ["z", "micrometer"],
      ["y", "micrometer"],
      ["x", "micrometer"],
    ]);
    const [full] = datasets as { coordinateTransformations: { scale: number[] }[] }[];
    expect(full?.coordinateTransformations[0]?.scale).toEqual([2.5, 1, 1.5, 0.25, 0.25]);
    const { channels } = ome["omero"] as { channels: JsonObject[] };
    expect(channels.map(({ label, color }) => [label, color])).toEqual([
      ["DAPI", "0080FF"],
      ["a <b>", "00FF00"],
    ]);
    expect(channels[0]?.["window"]).toMatchObject({ start: 6554, end: 32768 });
    expect(channels[1]?.["window"]).toEqual({ start: 0, end: 4095, min: 0, max: 4095 });
    expect(czi).toEqual({ acquisitionDateAndTime: "2020-01-02T03:04:05Z" });
    expect(store.arrays.get("/0")?.shape).toEqual([2, 2, 2, SIDE, SIDE / 2]);
  });

  test("names channels in their order, where their ids do not have one number", async () => {
    const channels = ["a", "b"].map((name, k) => `<Channel Id="Channel:${k}:0" Name="${name}"/>`).join("");
    const xml = xmlOf(
      `<Information><Image><Dimensions><Channels>${channels}</Channels></Dimensions></Image></Information>`,
    );
    const { ome } = await attributesAt(await open([tile({ C: 0 }), tile({ C: 1 })], { xml }));
    expect(JSON.stringify(ome)).toMatch(/"label":"a".*"label":"b"/);
  });

  test("is kept as it is", async () => {
    const store = await open(tiles, { xml: `\ufeff${XML}` });
    expect(new TextDecoder().decode(await store.get("/OME/METADATA.czi.xml"))).toBe(XML);
  });

  test("that is not XML leaves the pixels, and it is said", async () => {
    const store = await open(tiles, { xml: "<ImageDocument><Metadata>" });
    expect(rulesOf(store)).toEqual(["unreadable-metadata"]);
    expect(store.arrays.size).toBe(1);
  });

  test("takes the time between points from their stamps, where it has no other", async () => {
    const stamps = new DataView(new ArrayBuffer(32));
    stamps.setInt32(4, 3, true);
    for (const [k, time] of [0, 1.5, 3].entries()) stamps.setFloat64(8 + 8 * k, time, true);
    const attachments = [["TimeStamps", "CZTIMS", new Uint8Array(stamps.buffer)]] as const;
    const store = await open(
      [0, 1, 2].map((T) => tile({ T })),
      { attachments },
    );
    const { ome } = await attributesAt(store);
    expect(JSON.stringify(ome)).toContain('"scale":[1.5,1,1]');
  });
});

describe("scenes", () => {
  const XML = xmlOf(`<Information><Image><Dimensions><S><Scenes>
    <Scene Index="0" Name="P1"><ArrayName>B3</ArrayName></Scene><Scene Index="2" Name="P3"><Shape Name="A11"/></Scene>
  </Scenes></S></Dimensions></Image></Information>`);

  test("are images of a collection, with their names and places", async () => {
    const store = await open([tile({ S: 1 }), tile({ S: 4 }, { x: 100, y: 50 })], {
      xml: xmlOf(
        '<Information><Image><Dimensions><S><Scenes><Scene Index="4" Name="liver"/></Scenes></S></Dimensions></Image></Information>',
      ),
    });
    expect((await attributesAt(store, "/OME")).ome["series"]).toEqual(["0", "1"]);
    const [first, second] = await Promise.all([attributesAt(store, "/0"), attributesAt(store, "/1")]);
    expect(JSON.stringify(first.ome)).toContain('"name":"S=1"');
    expect(JSON.stringify(second.ome)).toContain('"name":"liver"');
    expect(JSON.stringify(second.ome)).toContain('{"type":"translation","translation":[50,100]}');
  });

  test("in wells are a plate", async () => {
    const store = await open([tile({ S: 0 }), tile({ S: 2 }, { x: 100 })], { xml: XML });
    const { plate } = (await attributesAt(store)).ome as { plate: { wells: { path: string }[] } };
    expect(plate.wells.map(({ path }) => path)).toEqual(["A/11", "B/3"]);
    expect([...store.arrays.keys()]).toEqual(["/A/11/0/0", "/B/3/0/0"]);
  });

  test("of which one is in no well are a collection", async () => {
    const store = await open([tile({ S: 0 }), tile({ S: 1 })], { xml: XML });
    expect((await attributesAt(store, "/OME")).ome["series"]).toEqual(["0", "1"]);
  });
});

test("places along dimensions that OME-Zarr has no axis for are images of their own", async () => {
  const store = await open([0, 1, 2].map((H) => tile({ H, C: 0 })));
  expect(store.arrays.size).toBe(3);
  expect((await attributesAt(store, "/2"))["czi"]).toEqual({ H: 2 });
});

test("planes that were never written are missing chunks, and it is said", async () => {
  const store = await open([tile({ T: 0, C: 0 }), tile({ T: 0, C: 1 }), tile({ T: 1, C: 0 })]);
  expect(rulesOf(store)).toEqual(["missing-planes"]);
  const keys = [];
  for await (const { key } of store.list()) if (key.startsWith("/0/c/")) keys.push(key);
  expect(keys).toEqual(["/0/c/0/0/0/0", "/0/c/0/1/0/0", "/0/c/1/0/0/0"]);
  expect(await store.get("/0/c/1/1/0/0")).toBeUndefined();
});

test("a file without a directory is read by its segments, and it is said", async () => {
  const store = await open([tile({ T: 0 }), tile({ T: 1 })], { noDirectory: true, xml: xmlOf("") });
  expect(rulesOf(store)).toEqual(["no-directory"]);
  expect(store.arrays.get("/0")?.shape).toEqual([2, SIDE, SIDE]);
});

test("attached pictures are left out, and it is said", async () => {
  const store = await open([tile({})], { attachments: [["Label", "CZI", new Uint8Array(9)]] });
  expect(rulesOf(store)).toEqual(["pictures-left-out"]);
});

describe("what is not read is refused by name", () => {
  test.each([
    ["complex pixels", [tile({}, { type: 10 })], {}, "Unsupported", "complex numbers"],
    [
      "the raw data of cameras",
      [tile({}, { compression: 104 })],
      {},
      "Unsupported",
      "the raw data of a camera (104)",
    ],
    ["lossless JPEG", [tile({}, { compression: 3 })], {}, "Unsupported", "lossless JPEG"],
    ["JPEG XL", [tile({}, { compression: 8 })], {}, "Unsupported", "JPEG XL"],
    ["a file of a set", [tile({})], { part: 1 }, "Unsupported", "it is part 1 of a set"],
    ["a line scan", [tile({ T: 0 }, { sizes: { T: 4 } })], {}, "Unsupported", "4 planes along T"],
    [
      "tiles that are too far apart",
      [tile({}), tile({}, { x: 2_000_000_000, y: 2_000_000_000 })],
      {},
      "Unsupported",
      "too far apart",
    ],
    ["an unknown dimension", [tile({ Q: 0 })], {}, "InvalidArchive", 'the dimension "Q"'],
    ["nothing", [], {}, "InvalidMetadata", "contains no pixels"],
  ] as const)("%s", async (_, tiles, more, tag, says) => {
    const error: unknown = await open(tiles, more).catch((one: unknown) => one);
    expect(isOzxError(error, tag), String(error)).toBe(true);
    expect(String(error)).toContain("cells.czi");
    expect(String(error)).toContain(says);
  });

  test("an option for axes, which the file has", async () => {
    const source = memorySource(buildCzi([tile({})]), "cells.czi");
    await expect(openCzi(source, { axes: "t" })).rejects.toThrow("leave out --axes");
  });

  test("a file that ends early names the subblock and its plane", async () => {
    const bytes = buildCzi([tile({ T: 0 }), tile({ T: 1 })]);
    const store = await openCzi(memorySource(bytes, "cells.czi"));
    const position = store.layout.images[0]?.levels[0]?.planes.get(1)?.[0]?.position ?? 0;
    bytes.set([0xff, 0xff, 0xff, 0x7f], position + 40);
    const damaged = await openCzi(memorySource(bytes, "cells.czi"));
    const error: unknown = await damaged.get("/0/c/1/0/0").catch((one: unknown) => one);
    expect(isOzxError(error, "CorruptData"), String(error)).toBe(true);
    expect(String(error)).toMatch(
      /cells\.czi is damaged .*: subblock 1 \(t=1 of \/0\) ends at \d+, beyond the file/,
    );
  });
});

test("a picture of several scenes together, which is in none, is left out, and it is said", async () => {
  const scenes = [tile({ S: 0 }), tile({ S: 1 }, { x: 2 * SIDE })];
  const store = await open([...scenes, tile({}, { width: SIDE, height: SIDE / 2, size: [2 * SIDE, SIDE] })]);
  expect([...store.arrays.keys()]).toEqual(["/0/0", "/1/0"]);
  expect(rulesOf(store)).toEqual(["levels-left-out"]);
});

describe("pixels of other sizes than the directory counts", () => {
  const XML = xmlOf(
    '<Scaling><Items><Distance Id="X"><Value>1E-07</Value></Distance><Distance Id="Y"><Value>1E-07</Value></Distance></Items></Scaling>',
  );
  const scaleAt = async (store: CziStore, path: AbsolutePath): Promise<unknown> => {
    const { ome } = await attributesAt(store, path);
    const [{ datasets }] = ome["multiscales"] as [
      { datasets: { coordinateTransformations: { scale: number[] }[] }[] },
    ];
    return datasets[0]?.coordinateTransformations[0]?.scale;
  };

  test("a rendering with more than were acquired is an image of its own", async () => {
    const pixels = valuesOf(20, 20);
    const rendering = tile({ C: 1 }, { width: 20, height: 20, size: [SIDE, SIDE], pixels });
    const store = await open([tile({ C: 0 }), rendering], { xml: XML });
    expect([...store.arrays].map(([path, { shape }]) => [path, shape])).toEqual([
      ["/0/0", [SIDE, SIDE]],
      ["/1/0", [20, 20]],
    ]);
    expect(await readPlane(store, "/1/0")).toEqual(pixels);
    expect(await scaleAt(store, "/0")).toEqual([0.1, 0.1]);
    expect(await scaleAt(store, "/1")).toEqual([0.04, 0.04]);
    expect(JSON.stringify((await attributesAt(store, "/1")).ome)).toContain('"name":"rendered at 2.5x"');
    expect(rulesOf(store)).toEqual([]);
  });

  test("of fewer alone, the most detailed are the full resolution", async () => {
    const rows = [0, 1].map((k) => valuesOf(SIDE, SIDE / 2, k));
    const tiles = rows.map((pixels, k) =>
      tile({ C: 0 }, { x: SIDE * k, height: SIDE / 2, size: [SIDE, SIDE], pixels }),
    );
    const store = await open(tiles, { xml: XML });
    expect(store.arrays.get("/0")?.shape).toEqual([SIDE / 2, 2 * SIDE]);
    const plane = await readPlane(store, "/0");
    for (const [k, pixels] of rows.entries()) {
      expect(plane.slice(2 * SIDE + SIDE * k, 2 * SIDE + SIDE * (k + 1))).toEqual(
        pixels.slice(SIDE, 2 * SIDE),
      );
    }
    expect(await scaleAt(store, "/")).toEqual([0.2, 0.1]);
  });

  test("whose own pyramid is one of it", async () => {
    const base = tile({}, { width: 16, height: 16, size: [32, 32], pixels: valuesOf(16, 16) });
    const reduced = tile({}, { width: 8, height: 8, size: [32, 32] });
    const store = await open([base, reduced]);
    expect([...store.arrays.values()].map(({ shape }) => shape)).toEqual([
      [16, 16],
      [8, 8],
    ]);
  });
});

test("a level whose tiles were rounded several times is one", async () => {
  const full = tile({}, { width: 2051, height: 2051, pixels: new Uint8Array(2051 * 2051) });
  const reduced = tile({}, { width: 127, height: 127, size: [2051, 2051], pixels: valuesOf(127, 127) });
  const store = await open([full, reduced]);
  expect(store.arrays.get("/1")?.shape).toEqual([129, 129]);
});

test("a list of attachments that is damaged leaves the pixels, and it is said", async () => {
  const bytes = buildCzi([tile({ T: 0 }), tile({ T: 1 })], {
    attachments: [["TimeStamps", "CZTIMS", new Uint8Array(9)]],
  });
  const at = Buffer.from(bytes).indexOf("ZISRAWATTDIR");
  bytes.set(Buffer.from("ZISRAWOTHERS"), at);
  const store = await openCzi(memorySource(bytes, "cells.czi"));
  expect(rulesOf(store)).toEqual(["unreadable-attachments"]);
  expect(await readPlane(store, "/0", { t: 1 })).toEqual(valuesOf(SIDE, SIDE));
});
