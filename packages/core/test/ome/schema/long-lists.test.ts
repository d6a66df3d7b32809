import { describe, expect, test } from "vitest";
import { checkSchema } from "../../../src/ome/schema/check-schema.js";

/** More than are checked at a time. */
const COUNT = 5000;

function plateWith(change: (wells: Record<string, unknown>[]) => void) {
  const wells: Record<string, unknown>[] = Array.from({ length: COUNT }, (_, index) => ({
    path: `A/${index}`,
    rowIndex: 0,
    columnIndex: index,
  }));
  change(wells);
  const columns = Array.from({ length: COUNT }, (_, index) => ({ name: String(index) }));
  return { ome: { version: "0.5", plate: { rows: [{ name: "A" }], columns, wells } } };
}

function messagesOf(change: (wells: Record<string, unknown>[]) => void): string[] {
  return checkSchema("0.5", "plate", plateWith(change)).map(({ message }) => message);
}

describe("a plate of thousands of wells", () => {
  test("is valid", () => expect(messagesOf(() => {})).toEqual([]));

  test("has a well far down that is reported at its index", () => {
    expect(messagesOf((wells) => void wells.splice(4321, 1, { path: "A/4321", columnIndex: 4321 }))).toEqual([
      "ome.plate.wells[4321].rowIndex is missing from the metadata of /.",
    ]);
  });

  test("lists the last well twice in places far apart, in another order of members", () => {
    const twin = { columnIndex: COUNT - 1, rowIndex: 0, path: `A/${COUNT - 1}` };
    expect(messagesOf((wells) => void wells.unshift(twin))).toEqual([
      expect.stringMatching(
        /^ome\.plate\.wells .* must not have the same member twice; it is \[\{"columnIndex"/,
      ),
    ]);
  });

  test("has wells with one path and different columns, which are not equal", () => {
    expect(messagesOf((wells) => void wells.unshift({ path: "A/1", rowIndex: 0, columnIndex: 7 }))).toEqual(
      [],
    );
  });

  test("whose version is wrong is reported once", () => {
    const attributes = plateWith(() => {});
    const found = checkSchema("0.5", "plate", { ome: { ...attributes.ome, version: "0.4" } });
    expect(found.map(({ message }) => message)).toEqual([
      'ome.version in the metadata of / must be "0.5"; it is "0.4".',
    ]);
  });
});
