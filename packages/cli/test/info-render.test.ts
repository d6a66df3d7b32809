import { formatNames, formatRatio, unitSymbol } from "@ozx/core/internal";
import type { NodeReport } from "@ozx/core/validate";
import { expect, test } from "vitest";
import { plateGrid, renderTree } from "../src/render/hierarchy-fields.js";
import { renderFields, renderTable } from "../src/terminal/text-layout.js";

test.each([
  [[], "none"],
  [["A"], "A"],
  [["A", "B"], "A, B"],
  [["A", "B", "C"], "A to C"],
  [["Y", "Z", "AA", "AB"], "Y to AB"],
  [["08", "09", "10"], "08 to 10"],
  [["1", "2", "4"], "1, 2, 4"],
])("the names %j in a row are %s", (names, text) => {
  expect(formatNames(names)).toBe(text);
});

test("ratios have two digits that matter", () => {
  expect([
    formatRatio(100, 66),
    formatRatio(1000, 3),
    formatRatio(1, 16),
    formatRatio(5, 0),
    formatRatio(undefined, 5),
  ]).toEqual(["1.5", "333", "0.063", "", ""]);
});

test("units that people know by a symbol, and others as they are", () => {
  expect(["micrometer", "angstrom", "furlong"].map(unitSymbol)).toEqual(["µm", "Å", "furlong"]);
});

test("a table that is too wide is cut where something new begins, and its first column repeated", () => {
  const rows = [
    ["id", "first", "second", "third"],
    ["1", "aaaa", "bbbb", "cccc"],
  ];
  expect(renderTable(rows, { width: 20, cuts: [2] })).toEqual([
    "id  first",
    "1   aaaa",
    "",
    "id  second  third",
    "1   bbbb    cccc",
  ]);
  expect(renderTable(rows, { width: 12 })).toHaveLength(8);
  expect(renderTable(rows, { width: 1 })).toHaveLength(8);
  expect(renderTable(rows, { right: [1] })[1]).toBe("1    aaaa  bbbb    cccc");
});

test("long values are wrapped under their first word", () => {
  expect(renderFields([["Name", "one two three four"]], { width: 16 })).toEqual([
    "Name  one two",
    "      three four",
  ]);
});

test("a plate whose wells lie outside of it, or that claims to be endless, has no wrong grid", () => {
  const well = { path: "/A/1", row: 7, column: 0, fields: [] };
  expect(plateGrid({ rows: ["A"], columns: ["1"], wells: [well], acquisitions: [] }, 80)).toEqual([
    "   1",
    "A  ·",
  ]);
  const many = Array.from({ length: 1000 }, (_, k) => String(k));
  expect(plateGrid({ rows: many, columns: many, wells: [], acquisitions: [] }, 80)).toEqual([]);
});

function nodes(...paths: string[]): NodeReport[] {
  return paths.map((path) => ({ path, kind: "group", shape: null, dtype: null }));
}

test("a tree without its root, or with folders between that are no nodes", () => {
  expect(renderTree(nodes("/a", "/a/x/y", "/b"))).toEqual(["/a  group", "  x/y  group", "/b  group"]);
});

test("neighbours that look alike are folded, others are not", () => {
  expect(renderTree(nodes("/", "/1", "/1/a", "/2", "/2/a", "/3", "/3/a", "/4", "/5", "/5/b"))).toEqual([
    "/  group",
    "  1  group",
    "    a  group",
    "  2, 3  like 1",
    "  4  group",
    "  5  group",
    "    b  group",
  ]);
});

test("a tree of any depth ends", () => {
  const paths = Array.from({ length: 5000 }, (_, depth) => `/${"d/".repeat(depth)}d`);
  expect(renderTree(nodes("/", ...paths)).length).toBeLessThan(50);
});
