import { expect, test } from "vitest";
import { parseLayout, positionInName } from "../../src/index.js";

test.each([
  ["fields/B/03/0.zarr", { row: "B", column: "03", field: "0" }],
  ["B/3/F001", { row: "B", column: "3", field: "F001" }],
  ["C:\\wells\\AA\\12.ozx", { row: "AA", column: "12" }],
  ["wells/B03.ozx", { row: "B", column: "03" }],
  ["B-03_f2.ozx", { row: "B", column: "03", field: "2" }],
  ["s3://bucket/run/h12_site_4.ome.ozx", undefined],
  ["h12_site_4.ozx/", { row: "h", column: "12", field: "4" }],
  ["overview.ozx", undefined],
  ["day1/0.zarr", undefined],
  ["2026/07/0.zarr", undefined],
])("the position in the name %s", (path, position) => {
  expect(positionInName(path)).toEqual(position);
});

test("a layout has its columns in any order, with any separator and quotes", () => {
  const text = '\uFEFFColumn;path;ROW;acquisition\r\n03;"a; ""b"".ozx";B;1\r\n\r\n4;c.ozx;B;\r\n';
  expect(parseLayout(text, "layout.csv")).toEqual([
    { path: 'a; "b".ozx', row: "B", column: "03", acquisition: 1 },
    { path: "c.ozx", row: "B", column: "4" },
  ]);
});

test.each([
  ["", "the first line of l.csv has"],
  ["path,row\n", "lacks column"],
  ["path,row,column,well\n", 'has "well"'],
  ["path,row,column\na,B/,3\n", 'line 2 of l.csv has the row "B/"'],
  ["path,row,column\n,B,3\n", "line 2 of l.csv has no path"],
  ["path,row,column,field\na,B,3,..\n", 'the field ".."'],
  ["path,row,column,acquisition\na,B,3,first\n", 'the acquisition "first"'],
])("the layout %j is refused, with the line", (text, why) => {
  expect(() => parseLayout(text, "l.csv")).toThrow(why);
});
