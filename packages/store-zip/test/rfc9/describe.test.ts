import { memorySource } from "@ozx/core/container";
import { describe, expect, test } from "vitest";
import { describeArchive } from "../../src/index.js";
import { openArchive } from "../../src/read/archive.js";
import { summarizeArchive } from "../../src/rfc9/describe-archive.js";
import { checkArchive } from "../../src/rules/check-archive.js";
import { buildZip, type OddEntry, type OddZip } from "../fixtures/build-zip.js";
import { ascii } from "../fixtures/bytes.js";
import { buildPattern, ZIP64_PATTERNS, type Zip64Pattern } from "../fixtures/zip64-patterns.js";

const archiveOf = (spec: OddZip) => openArchive(memorySource(buildZip(spec)));
const named = (...names: string[]): OddEntry[] => names.map((name) => ({ name }));

const orderOf = async (spec: OddZip) => (await describeArchive(await archiveOf(spec))).order;

describe("the order of a central directory", () => {
  const yes = true;
  const no = false;
  // Names, documents, root first, documents first, breadth first.
  test.for<[string[], number, boolean, boolean, boolean]>([
    [[], 0, no, yes, yes],
    [["zarr.json"], 1, yes, yes, yes],
    [["zarr.json", "0/zarr.json", "0/c/0"], 2, yes, yes, yes],
    [["zarr.json", "0/c/0", "0/zarr.json"], 2, yes, no, yes],
    [["0/zarr.json", "zarr.json", "0/c/0"], 2, no, yes, no],
    [["0/c/0", "zarr.json"], 1, no, no, yes],
    [["zarr.json", "a/b/zarr.json", "a/zarr.json"], 3, yes, yes, no],
    [["zarr.json", "a/zarr.json", "b/zarr.json", "a/b/zarr.json"], 4, yes, yes, yes],
    [["a/zarr.json", "b/zarr.json"], 2, no, yes, yes],
    [["zarr.json", "notzarr.json", "x/zarr.json"], 2, yes, no, yes],
    [["zarr.json", "zarr.json/x", "zarr.json.bak"], 1, yes, yes, yes],
    [["Zarr.json", "x/zarr.json"], 1, no, no, yes],
    [["folder/", "zarr.json", "folder/zarr.json"], 2, no, yes, yes],
    [["zarr.json", "folder/", "folder/zarr.json"], 2, yes, yes, yes],
    [["zarr.json", "c/0", "zarr.json"], 2, yes, no, yes],
  ])("%j", async ([names, documents, rootFirst, documentsFirst, breadthFirst]) => {
    const order = await orderOf({ entries: named(...names) });
    expect(order).toMatchObject({ documents, rootFirst, documentsFirst, breadthFirst });
  });

  test("is the directory's own, whatever the order of the data", async () => {
    const archive = await archiveOf({ entries: named("0/c/0", "zarr.json"), listing: [1, 0] });
    const described = await describeArchive(archive);
    expect(described.order).toMatchObject({ rootFirst: true, documentsFirst: true });
    expect(described.orderInFile).toMatchObject({ rootFirst: false, documentsFirst: false });
    const summary = new Map(summarizeArchive(described, "0.5"));
    expect(summary.get("Order")).toBe(
      "root zarr.json first, all zarr.json before other entries, breadth-first; but in the file root zarr.json not first, zarr.json after other entries, breadth-first",
    );
  });
});

test.for([
  [["zarr.json", "a/zarr.json", "b/zarr.json", "b/x/zarr.json", "a/y/zarr.json"]],
  [["zarr.json", "a/zarr.json", "b/zarr.json", "a/y/zarr.json", "b/x/zarr.json"]],
  [["zarr.json", "a/y/zarr.json", "a/zarr.json"]],
] as [string[]][])("is said alike by its description and by the rules: %j", async ([names]) => {
  for (const jsonFirst of [true, false]) {
    const comment = JSON.stringify({
      ome: { version: "0.5", zipFile: { centralDirectory: { jsonFirst } } },
    });
    const bytes = buildZip({ entries: named(...names), comment });
    const found = new Set<string>();
    for await (const { rule } of checkArchive(memorySource(bytes))) found.add(rule);
    const described = await describeArchive(await openArchive(memorySource(bytes)));
    expect(described.order.breadthFirst).toBe(!found.has("bfs-order"));
    const claim = new Map(summarizeArchive(described, "0.5")).get("jsonFirst");
    expect(claim === "claimed, but not true").toBe(found.has("jsonfirst-true-but-false"));
    expect(claim === "not claimed, though it is so").toBe(found.has("jsonfirst-unclaimed"));
  }
});

describe("an archive's description", () => {
  const entries: OddEntry[] = [
    { name: "zarr.json", data: ascii("old one") },
    { name: "zarr.json", data: ascii("{}") },
    { name: "folder/" },
    { name: "deflated", data: ascii("deflated ".repeat(9)), deflate: true },
    { name: "odd", data: ascii("x"), local: { method: 93 }, central: { method: 93 } },
  ];

  test("counts entries, methods and bytes that nobody sees", async () => {
    const bytes = buildZip({ entries, comment: '{"ome":{"version":"0.5"}}', prefix: ascii("#!") });
    expect(await describeArchive(await openArchive(memorySource(bytes)))).toEqual({
      size: bytes.length,
      comment: { version: "0.5", jsonFirst: undefined },
      entries: { total: 5, duplicates: 1, directories: 1 },
      order: { documents: 2, rootFirst: true, documentsFirst: true, breadthFirst: true, jsonFirst: true },
      orderInFile: {
        documents: 2,
        rootFirst: true,
        documentsFirst: true,
        breadthFirst: true,
        jsonFirst: true,
      },
      methods: { stored: 3, deflated: 1, other: 1 },
      zip64: { end: false, central: 0, local: { looked: 5, zip64: 0 } },
      wasted: "old one".length + "#!".length,
    });
  });

  test("of nothing", async () => {
    expect(await describeArchive(await archiveOf({}))).toMatchObject({
      comment: undefined,
      entries: { total: 0, duplicates: 0, directories: 0 },
      zip64: { end: false, central: 0, local: { looked: 0, zip64: 0 } },
      wasted: 0,
    });
  });

  // Sentinels in the end record, central headers, local headers.
  const where: Record<Zip64Pattern, [boolean, number, number]> = {
    "A: local headers": [false, 0, 2],
    "B: end records": [true, 0, 0],
    "C: local headers and end records": [true, 0, 2],
    "D: everywhere": [true, 2, 2],
    "E: everywhere but in offsets": [true, 2, 2],
    "F: end records, the classic one with its values": [false, 0, 0],
    "G: central headers": [false, 2, 0],
    "H: local headers and end records, the classic one with its values": [false, 0, 2],
  };
  test.for(Object.keys(ZIP64_PATTERNS) as Zip64Pattern[])("tells where ZIP64 is: %s", async (pattern) => {
    const bytes = buildPattern(pattern, [{ name: "a", data: ascii("a") }, { name: "b" }]);
    const { zip64 } = await describeArchive(await openArchive(memorySource(bytes)));
    expect([zip64.end, zip64.central, zip64.local.zip64]).toEqual(where[pattern]);
  });

  test("looks at local headers all over a large archive", async () => {
    const many = Array.from(
      { length: 3000 },
      (_, i): OddEntry => ({
        name: String(i),
        ...(i % 2 === 0 && { zip64: { local: true } }),
      }),
    );
    const { zip64 } = await describeArchive(await archiveOf({ entries: many }));
    expect(zip64.local.looked).toBe(256);
    expect(zip64.local.zip64).toBeGreaterThan(64);
    expect(zip64.local.zip64).toBeLessThan(192);
  });

  test("is a typed error where a local header is not what it must be", async () => {
    const archive = await archiveOf({ entries: [{ name: "a", local: { name: ascii("b") } }] });
    await expect(describeArchive(archive)).rejects.toMatchObject({ _tag: "InvalidArchive", path: "a" });
  });
});
