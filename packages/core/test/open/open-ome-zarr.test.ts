import { type OpenLevel, openOmeZarr, SourceChangedError, type Store, type StoreFormat } from "@ozx/core";
import { memorySource, memoryStore } from "@ozx/core/container";
import { validateOmeZarr } from "@ozx/core/validate";
import { encodeJson, groupDocument, imageMetadata, readValues, sampleStore } from "@ozx/testing";
import { expect, test } from "vitest";
import { tinyPlate, tinyStore, watched } from "./fixtures.js";

const NO_FORMATS = { formats: [] };

test("an image is its own only image, with its labels", async () => {
  const node = await openOmeZarr(await sampleStore({ levels: 2, size: { z: 1 } }), NO_FORMATS);
  expect(node).toMatchObject({ kind: "image", version: "0.5", wells: [] });
  const [image] = node.images;
  expect(node.images).toHaveLength(1);
  expect(image?.axes.map(({ name }) => name)).toEqual(["c", "z", "y", "x"]);
  expect(image?.channels.map(({ label }) => label)).toEqual(["Nuclei", "Membrane", "Spots"]);
  expect(image?.levels.map(({ shape, chunks, dtype }) => ({ shape, chunks, dtype }))).toEqual([
    { shape: [3, 1, 512, 512], chunks: [1, 1, 256, 256], dtype: "uint16" },
    { shape: [3, 1, 256, 256], chunks: [1, 1, 256, 256], dtype: "uint16" },
  ]);
  expect(node.labels.map(({ path, model }) => [path, model.kind])).toEqual([
    ["/labels/cells", "label-image"],
  ]);
  expect(node.labels).toBe(image?.labels);
});

test("a plate has wells, and all their fields as images", async () => {
  const node = await openOmeZarr(tinyPlate(), NO_FORMATS);
  expect(node.wells.map(({ row, column, images }) => `${row}${column}: ${images.length}`)).toEqual([
    "A1: 2",
    "A2: 2",
    "A3: 2",
    "B1: 2",
    "B2: 2",
    "B3: 2",
  ]);
  expect(node.images.map(({ path }) => path).slice(0, 3)).toEqual(["/A/1/0", "/A/1/1", "/A/2/0"]);
  expect(node.images).toHaveLength(12);
  expect(node.labels).toEqual([]);
});

test("an unreadable image of a plate does not affect the others", async () => {
  const store = tinyPlate();
  await store.set("/A/1/0/zarr.json", encodeJson({ zarr_format: 3, node_type: "group", attributes: {} }));
  await store.set("/A/1/1/zarr.json", new TextEncoder().encode("{"));
  const { images } = await openOmeZarr(store, NO_FORMATS);
  expect(() => images[0]?.axes).toThrow("/A/1/0 in tiny should be an image");
  expect(() => images[1]?.levels).toThrow("not JSON");
  expect(images[2]?.levels).toHaveLength(1);
});

test("a store that changes while it is opened is told of, not one of its levels", async () => {
  const store = await sampleStore({ size: { c: 1, z: 1, y: 8, x: 8 }, levels: 1 });
  const { readSync, ...slow } = store;
  const get: Store["get"] = async (key, options) => {
    if (key !== "/0/zarr.json") return store.get(key, options);
    throw new SourceChangedError("sample is shorter than it was", { location: "sample" });
  };
  await expect(openOmeZarr({ ...slow, get }, NO_FORMATS)).rejects.toMatchObject({ _tag: "SourceChanged" });
});

test("a field of a plate costs no second read of metadata", async () => {
  const store = watched(tinyPlate());
  const node = await openOmeZarr(store, NO_FORMATS);
  store.asked.length = 0;
  const level = node.wells[4]?.images[1]?.level(0) as OpenLevel;
  const { data } = await level.read({ c: 1, y: 0 });
  expect([...(data as Uint16Array)]).toEqual([4116, 4117, 4118, 4119]);
  expect(store.asked).toEqual(["/B/2/1/0/c/1/0/0", "/B/2/1/0/c/1/0/1"]);
});

test("a well has its fields", async () => {
  const store = tinyStore({
    "/": { version: "0.5", well: { images: [{ path: "1" }, { path: "0" }] } },
    "/0": imageMetadata(),
    "/1": imageMetadata(),
  });
  const node = await openOmeZarr(store, NO_FORMATS);
  expect([node.kind, ...node.images.map(({ path }) => path)]).toEqual(["well", "/1", "/0"]);
});

test("a plain group has the images directly in it", async () => {
  const store = tinyStore({ "/": {}, "/b": imageMetadata(), "/a": imageMetadata(), "/c": {} });
  const node = await openOmeZarr(store, NO_FORMATS);
  expect([node.kind, ...node.images.map(({ path }) => path)]).toEqual(["group", "/a", "/b"]);
});

test("without a list of series, those of bioformats2raw are in the order of the OME-XML", async () => {
  const image = imageMetadata();
  const groups = {
    "/": { version: "0.5", "bioformats2raw.layout": 3 },
    "/0": image,
    "/1": image,
    "/2": image,
  };
  const store = tinyStore(groups);
  expect((await openOmeZarr(store, NO_FORMATS)).images).toHaveLength(3);
  await store.set(
    "/OME/METADATA.ome.xml",
    new TextEncoder().encode('<OME><Image ID="0"/><Image ID="1"/></OME>'),
  );
  const node = await openOmeZarr(store, NO_FORMATS);
  expect(node.model).toMatchObject({ order: "ome-xml" });
  expect(node.images.map(({ path }) => path)).toEqual(["/0", "/1"]);
});

test("a Blob and a ByteSource are opened with the format that recognizes them", async () => {
  const names: string[] = [];
  const format: StoreFormat = {
    id: "test",
    title: "test",
    extensions: [],
    probe: async () => true,
    async open(source) {
      names.push(source.name);
      return sampleStore({ levels: 1, size: { c: 1, z: 1 } });
    },
  };
  for (const source of [new Blob(["?"]), memorySource(new Uint8Array(1), "bytes")]) {
    expect((await openOmeZarr(source, { formats: [format] })).kind).toBe("image");
  }
  expect(names).toEqual(["blob", "bytes"]);
});

test("a source that is not Zarr is an error, and closed", async () => {
  let closed = 0;
  const store = { ...memoryStore(new Map(), "empty"), close: async () => void closed++ };
  await expect(openOmeZarr(store, NO_FORMATS)).rejects.toMatchObject({ _tag: "UnknownFormat" });
  expect(closed).toBe(1);
});

test("metadata at the root that cannot be understood is its own error", async () => {
  const store = memoryStore(new Map([["/zarr.json", new TextEncoder().encode("[]")]]), "broken");
  await expect(openOmeZarr(store, NO_FORMATS)).rejects.toMatchObject({
    _tag: "InvalidMetadata",
    message: "zarr.json in broken is not a JSON object",
  });
});

test("closing a node closes its store, by name and by `await using`", async () => {
  let closed = 0;
  const store = { ...tinyStore({ "/": imageMetadata() }), close: async () => void closed++ };
  const node = await openOmeZarr(store, NO_FORMATS);
  await node.close();
  await node[Symbol.asyncDispose]();
  expect(closed).toBe(2);
});

test("metadata of any length is read completely", async () => {
  for (const length of [10, 65_536, 300_000]) {
    const store = tinyStore({ "/": imageMetadata("cyx", ["0"], "n".repeat(length)) });
    const node = await openOmeZarr(store, NO_FORMATS);
    expect(node.images[0]?.name).toHaveLength(length);
  }
});

test("an aborted opening rejects with the reason, and closes the store", async () => {
  let closed = 0;
  const store = { ...tinyPlate(), close: async () => void closed++ };
  const reason = new Error("enough");
  const opening = openOmeZarr(store, { ...NO_FORMATS, signal: AbortSignal.abort(reason) });
  await expect(opening).rejects.toBe(reason);
  expect(closed).toBe(1);
});

test("a node is opened by its path, and paths are relative to it", async () => {
  const source = await sampleStore({ size: { c: 1, z: 1, y: 40, x: 40 }, levels: 2, chunk: 32 });
  const node = await openOmeZarr(source, { formats: [], path: "labels/cells" });
  expect(node.kind).toBe("label-image");
  const { data } = (await node.images[0]?.level(1).read()) ?? {};
  expect(Array.from(data as Uint32Array)).toEqual((await readValues(source, "/labels/cells/1")).values);
  await expect(openOmeZarr(source, { formats: [], path: "labels/nuclei" })).rejects.toThrow(
    "labels in sample has labels/cells",
  );
});

test("a plate of ten thousand bad wells names the first of each kind, and counts the others", async () => {
  const store = tinyPlate();
  const wells = Array.from({ length: 10_000 }, (_, at) => [
    { path: at, rowIndex: 0, columnIndex: 0 },
    { path: `../../${at}`, rowIndex: 0, columnIndex: 0 },
    { path: "A/1", rowIndex: 0, columnIndex: 0 },
  ]).flat();
  const plate = { rows: [{ name: "A" }], columns: [{ name: "1" }], wells };
  await store.set(
    "/zarr.json",
    encodeJson(groupDocument({ attributes: {}, ome: { version: "0.5", plate } })),
  );
  const { problems } = (await openOmeZarr(store, NO_FORMATS)).model;
  expect(problems).toHaveLength(22);
  expect(problems[0]?.message).toBe("A well of the plate / has a path that is not a string: 0.");
  const others = problems.filter(({ count }) => count !== undefined);
  expect(others).toMatchObject([
    { rule: "ome-unreadable-part", count: 9990, message: "There are 9990 more problems of this kind in /." },
    { rule: "ome-path-inside", count: 9990 },
  ]);
  const { groups } = await validateOmeZarr(store, NO_FORMATS);
  const found = groups.find(({ rule }) => rule === "ome-path-inside");
  expect(found).toMatchObject({ count: 10_000 });
  expect(found?.examples[0]?.message).toContain("../../0");
});

test("a well that is listed 3,000 times, with a field 1,000 times, is opened once", async () => {
  const store = tinyPlate();
  const well = { path: "A/1", rowIndex: 0, columnIndex: 0 };
  const plate = { rows: [{ name: "A" }], columns: [{ name: "1" }], wells: Array(3000).fill(well) };
  const ofGroup = (ome: object) => encodeJson(groupDocument({ ome: { version: "0.5", ...ome } }));
  await store.set("/zarr.json", ofGroup({ plate }));
  await store.set("/A/1/zarr.json", ofGroup({ well: { images: Array(1000).fill({ path: "0" }) } }));
  const node = await openOmeZarr(store, NO_FORMATS);
  expect(node.images.map(({ path }) => path)).toEqual(["/A/1/0"]);
  expect(node.wells.map(({ path, images }) => [path, images.length])).toEqual([["/A/1", 1]]);
  const { groups } = await validateOmeZarr(store, NO_FORMATS);
  const rules = groups.map(({ rule, count }) => [rule, count]);
  expect(rules).toContainEqual(["ome-plate-wells-once", 1]);
  expect(rules).toContainEqual(["ome-well-paths", 1]);
});
