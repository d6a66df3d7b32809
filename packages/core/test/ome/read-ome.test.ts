import { describe, expect, test } from "vitest";
import { omeVersionOf, resolvePath } from "../../src/ome/ome-metadata.js";
import { countOmeXmlImages, omeXmlKey, readOme } from "../../src/ome/read-ome.js";
import type { JsonObject } from "../../src/zarr/json.js";
import { type Documents, groupV3, hierarchyOf } from "./hierarchy.js";
import { change, goodCollection04, goodCollection05, goodImage05, goodPlate05 } from "./rules/good.js";

async function read(documents: Documents, path: `/${string}` = "/", omeXml?: string) {
  return readOme(await hierarchyOf(documents), path, { omeXml });
}

describe("a plate", () => {
  test("has rows, columns, acquisitions and wells with their fields", async () => {
    expect(await read(goodPlate05())).toEqual({
      kind: "plate",
      path: "/",
      version: "0.5",
      problems: [],
      name: "screen",
      rows: ["A", "B"],
      columns: ["1", "2"],
      fieldCount: 1,
      acquisitions: [
        { id: 0, name: "day 1", maximumFieldCount: 1 },
        { id: 3, name: "day 2", maximumFieldCount: 1 },
      ],
      wells: [
        { path: "/A/1", row: 0, column: 0, fields: [{ path: "/A/1/0", acquisition: 3 }] },
        { path: "/B/2", row: 1, column: 1, fields: [{ path: "/B/2/0", acquisition: 3 }] },
      ],
    });
  });

  test("is shown without the wells that are missing or malformed", async () => {
    const documents = change(
      change(goodPlate05(), "A/1/zarr.json", "attributes/ome/well", "none"),
      "B/2/zarr.json",
    );
    const plate = await read(change(documents, "zarr.json", "attributes/ome/plate/wells/2", { path: 3 }));
    expect(plate).toMatchObject({ wells: [{ fields: undefined }, { fields: undefined }] });
    expect(plate.problems.map(({ message }) => message)).toEqual([
      "A well of the plate / has a path that is not a string: 3.",
    ]);
  });

  test("before 0.4 has wells without indices", async () => {
    const plate = {
      rows: [{ name: "A" }],
      columns: [{ name: "1" }, { name: "2" }],
      wells: [{ path: "A/2" }],
    };
    expect(await read({ ".zattrs": { plate: { ...plate, version: "0.2" } } })).toMatchObject({
      version: "0.2",
      wells: [{ path: "/A/2", row: 0, column: 1 }],
    });
  });

  test("is a plate before it is anything else", async () => {
    const documents = change(goodPlate05(), "zarr.json", "attributes/ome/bioformats2raw.layout", 3);
    expect((await read(documents)).kind).toBe("plate");
  });
});

describe("a well", () => {
  test("lists its fields", async () => {
    expect(await read(goodPlate05(), "/B/2")).toMatchObject({
      kind: "well",
      fields: [{ path: "/B/2/0", acquisition: 3 }],
      problems: [],
    });
  });
});

describe("a bioformats2raw collection", () => {
  test.each([
    ["0.5", goodCollection05, ["/0", "/1"]],
    ["0.4", goodCollection04, ["/0"]],
  ] as const)("%s: has the order of its series", async (version, documents, images) => {
    expect(await read(documents())).toMatchObject({
      kind: "bioformats2raw",
      version,
      images,
      order: "series",
    });
  });

  test("else as many images as its OME-XML", async () => {
    const documents = change(goodCollection05(), "OME/zarr.json");
    const xml =
      '<OME xmlns="…"><Image ID="Image:0"/><!-- <Image/> --><Image ID="Image:1"><ImageRef/></Image></OME>';
    expect(omeXmlKey("/")).toBe("/OME/METADATA.ome.xml");
    expect(await read(documents, "/", xml)).toMatchObject({ images: ["/0", "/1"], order: "ome-xml" });
  });

  test("else the groups 0, 1 and so on", async () => {
    const documents = change(goodCollection05(), "OME/zarr.json");
    expect(await read(documents)).toMatchObject({ images: ["/0", "/1"], order: "names" });
  });
});

test("OME-XML with prefixes, truncated, or none", () => {
  expect(countOmeXmlImages('<o:OME xmlns:o="…"><o:Image\nID="1"></o:Image><o:ImageRef/></o:OME>')).toBe(1);
  expect(countOmeXmlImages("<OME><Image ID='1'/><!-- <Image/>")).toBe(1);
  expect(countOmeXmlImages("<![CDATA[<Image/>]]><Image>")).toBe(1);
  expect(countOmeXmlImages("")).toBe(0);
  expect(countOmeXmlImages("<".repeat(1_000_000))).toBe(0);
});

test("a list of labels, a plain group and an array", async () => {
  const documents = { ...goodImage05(), "tables/zarr.json": groupV3(), "tables/a/zarr.json": groupV3() };
  expect(await read(documents, "/labels")).toMatchObject({ kind: "labels", labels: ["/labels/nuclei"] });
  expect(await read(documents, "/tables")).toEqual({
    kind: "group",
    path: "/tables",
    version: undefined,
    problems: [],
    children: ["/tables/a"],
  });
  expect(await read(documents, "/0")).toMatchObject({ kind: "array", array: { path: "/0" } });
});

describe("the version", () => {
  const ofV3 = (attributes: JsonObject) => hierarchyOf({ "zarr.json": groupV3(attributes) });
  const ofV2 = (attributes: JsonObject) => hierarchyOf({ ".zattrs": attributes });

  test.each<[string | undefined, string, Promise<Awaited<ReturnType<typeof ofV3>>>]>([
    ["0.6", "a release candidate", ofV3({ ome: { version: "0.6rc0" } })],
    ["0.6", "a development version", ofV3({ ome: { version: "0.6.dev4" } })],
    ["0.5", "0.5", ofV3({ ome: { version: "0.5" } })],
    ["0.5", "no version under ome", ofV3({ ome: { multiscales: [{ axes: [] }] } })],
    [
      "0.6",
      "no version, and coordinate systems",
      ofV3({ ome: { multiscales: [{ coordinateSystems: [] }] } }),
    ],
    ["0.4", "0.4 in a plate", ofV2({ plate: { version: "0.4" } })],
    ["0.2", "0.2 in a multiscale", ofV2({ multiscales: [{ version: "0.2" }] })],
    ["0.3", "axes that are names", ofV2({ multiscales: [{ axes: ["y", "x"] }] })],
    ["0.1", "neither axes nor transformations", ofV2({ multiscales: [{ datasets: [{ path: "0" }] }] })],
    ["0.4", "only labels", ofV2({ labels: [] })],
    [undefined, "other attributes", ofV2({ units: "mm" })],
  ])("is %s for %s", async (version, _, hierarchy) => {
    const node = (await hierarchy).nodes.get("/");
    expect(node && omeVersionOf(node)).toBe(version);
  });
});

test.each([
  ["/", "0", "/0"],
  ["/a/b", "../c", "/a/c"],
  ["/labels/nuclei", "../../", "/"],
  ["/a", "./b//c/", "/a/b/c"],
  ["/a", "/b", "/b"],
  ["/a", "../..", undefined],
] as const)("from %s, %s means %s", (base, reference, path) => {
  expect(resolvePath(base, reference)).toBe(path);
});
