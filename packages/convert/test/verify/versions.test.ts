import type { AbsolutePath, Store } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { expect, test } from "vitest";
import {
  type Difference,
  needsOfVersion,
  planTransfer,
  planVersion,
  runTransfer,
  verifyStores,
  type WritableVersion,
} from "../../src/index.js";
import { memoryTarget } from "../support/memory-target.js";
import { jsonOf } from "../support/store-content.js";

/** Documents by their keys, spelled so that a member may have any name. */
function storeOf(documents: Readonly<Record<AbsolutePath, string>>): Store {
  const encoder = new TextEncoder();
  return memoryStore(
    new Map(
      Object.entries(documents).map(([key, text]) => [key as AbsolutePath, encoder.encode(text)] as const),
    ),
    "image.zarr",
  );
}

const GROUP = '{"zarr_format": 2}';
const MULTISCALES = `"multiscales": [{"version": "0.4", "name": "i", "axes": [{"name": "y", "type": "space"}, {"name": "x", "type": "space"}],
  "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1]}]}]}]`;

/** The documents of an image of one array that is nowhere stored. */
function image(path: AbsolutePath | "", more = ""): Record<AbsolutePath, string> {
  return {
    [`${path}/.zgroup`]: GROUP,
    [`${path}/.zattrs`]: `{${MULTISCALES}${more}}`,
    [`${path}/0/.zarray`]:
      '{"zarr_format": 2, "shape": [4, 4], "chunks": [4, 4], "dtype": "|u1", "compressor": null, "filters": null, "fill_value": 0, "order": "C", "dimension_separator": "/"}',
  };
}

const labels = (path: AbsolutePath | ""): Record<AbsolutePath, string> => ({
  [`${path}/labels/.zgroup`]: GROUP,
  [`${path}/labels/.zattrs`]: '{"labels": ["cells"]}',
  ...image(
    `${path}/labels/cells`,
    ', "image-label": {"version": "0.4", "colors": [{"label-value": 1, "rgba": [1, 2, 3, 4]}]}',
  ),
});

const SOURCES: readonly [string, Record<AbsolutePath, string>][] = [
  [
    "a collection of bioformats2raw",
    {
      "/.zgroup": GROUP,
      "/.zattrs": '{"bioformats2raw.layout": 3}',
      "/OME/.zgroup": GROUP,
      "/OME/.zattrs": '{"series": ["0"]}',
      ...image("/0"),
    },
  ],
  [
    "a plate with labels",
    {
      "/.zgroup": GROUP,
      "/.zattrs":
        '{"plate": {"version": "0.4", "rows": [{"name": "A"}], "columns": [{"name": "1"}], "wells": [{"path": "A/1", "rowIndex": 0, "columnIndex": 0}]}}',
      "/A/1/.zgroup": GROUP,
      "/A/1/.zattrs": '{"well": {"version": "0.4", "images": [{"path": "0"}]}}',
      ...image("/A/1/0", ', "omero": {"version": "0.4", "channels": []}'),
      ...labels("/A/1/0"),
    },
  ],
  [
    "an image with tables and somebody else's groups",
    {
      ...image(""),
      "/tables/.zgroup": GROUP,
      "/tables/.zattrs": '{"tables": ["a"], "version": "1"}',
      "/notes/.zgroup": GROUP,
      "/notes/.zattrs": '{"series": 7, "labels": ["a"], "omero": {"version": "0.4"}}',
    },
  ],
];

async function convert(source: Store, version: WritableVersion): Promise<Store> {
  const target = memoryTarget();
  const plan = await planTransfer(source, needsOfVersion(version, {}));
  await runTransfer(await planVersion(plan, version), target);
  return target.store;
}

async function differences(left: Store, right: Store): Promise<Difference[]> {
  const found: Difference[] = [];
  for await (const difference of verifyStores(left, right)) found.push(difference);
  return found;
}

test.each(SOURCES)("%s is the same in all versions that it was converted to", async (_, documents) => {
  const source = storeOf(documents);
  const [as05, as06] = [await convert(source, "0.5"), await convert(source, "0.6")];
  const all = [
    source,
    as05,
    as06,
    await convert(as05, "0.4"),
    await convert(as06, "0.4"),
    await convert(as06, "0.5"),
  ];
  for (const one of all) for (const other of all) expect(await differences(one, other)).toEqual([]);
});

test("another list of series is found in every version", async () => {
  const [, collection] = SOURCES[0] ?? [];
  const source = storeOf(collection ?? {});
  const other = storeOf({ ...collection, "/OME/.zattrs": '{"series": ["0", "1"]}' });
  for (const version of ["0.5", "0.6"] as const) {
    expect(await differences(source, await convert(other, version))).toMatchObject([
      { kind: "metadata", path: "/OME" },
    ]);
  }
});

test("attributes that 0.4 keeps outside of ome are the same", async () => {
  const as05 = await convert(storeOf(image("")), "0.5");
  const documents = new Map<AbsolutePath, Uint8Array>();
  for await (const { key } of as05.list()) documents.set(key, (await as05.get(key)) ?? new Uint8Array());
  const group = (attributes: string): Uint8Array =>
    new TextEncoder().encode(`{"zarr_format": 3, "node_type": "group", "attributes": ${attributes}}`);
  documents.set("/notes/zarr.json", group('{"ome": {"version": "0.5"}}'));
  documents.set("/lab/zarr.json", group('{"ome": {"version": "0.5", "lab": {"id": 1}}, "more": 2}'));
  const source = memoryStore(documents, "image");
  const as04 = await convert(source, "0.4");
  expect(await jsonOf(as04, "/lab/.zattrs")).toEqual({ lab: { id: 1 }, more: 2 });
  expect(await differences(source, as04)).toEqual([]);
  expect(await differences(as04, source)).toEqual([]);
  expect(await as04.get("/notes/.zattrs")).toBeUndefined();
});

test("metadata that an upgrade left outside of ome is found", async () => {
  const source = storeOf(image(""));
  const as05 = await convert(source, "0.5");
  const text = new TextDecoder().decode(await as05.get("/zarr.json"));
  const { attributes, ...rest } = JSON.parse(text);
  const { version, ...ome } = attributes.ome;
  const wrong = memoryStore(new Map(), "wrong");
  for await (const { key } of as05.list()) await wrong.set(key, (await as05.get(key)) ?? new Uint8Array());
  const document = { ...rest, attributes: { ome: { version }, ...ome } };
  await wrong.set("/zarr.json", new TextEncoder().encode(JSON.stringify(document)));
  expect(await differences(source, wrong)).toMatchObject([{ kind: "metadata", path: "/" }]);
});

test("an attribute named __proto__ is kept in every version, and reported if it is missing", async () => {
  const without = storeOf(image("", ', "lab": {"id": 1}'));
  const source = storeOf(image("", ', "__proto__": {"a": 1}, "lab": {"id": 1, "__proto__": {}}'));
  for (const version of ["0.4", "0.5", "0.6"] as const) {
    const converted = await convert(source, version);
    const key = version === "0.4" ? "/.zattrs" : "/zarr.json";
    const text = new TextDecoder().decode(await converted.get(key));
    expect(text.match(/__proto__/g), version).toHaveLength(2);
    expect(await differences(source, converted)).toEqual([]);
    expect(await differences(without, converted)).toMatchObject([{ kind: "metadata", path: "/" }]);
  }
  const inner = storeOf(image("", ', "lab": {"id": 1, "__proto__": {}}'));
  expect(await differences(without, inner)).toMatchObject([{ kind: "metadata", path: "/" }]);
});
