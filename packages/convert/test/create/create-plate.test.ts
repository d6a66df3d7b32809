import { openOmeZarr } from "@ozx/core";
import { validateOmeZarr } from "@ozx/core/validate";
import { expect, test } from "vitest";
import { createPlate } from "../../src/index.js";
import { growingTarget } from "./growing-target.js";

const FIELD = { axes: ["y", "x"], shape: [20, 30], dtype: "uint8", unit: "micrometer" } as const;

test("a plate has the wells that have fields, in order", async () => {
  const target = growingTarget();
  const plate = await createPlate(target, { rows: ["A", "B"], columns: ["1", "2", "3"], name: "screen" });
  for (const [k, well] of ["B/3", "A/1", "B/3"].entries()) {
    const field = await plate.createField(well, { ...FIELD, name: `field ${k}` });
    await field.write({}, new Uint8Array(600).fill(k + 1));
    if (k === 1) await (await field.createLabels("cells")).write({}, new Uint32Array(600).fill(5));
  }
  await plate.close();
  const node = await openOmeZarr(target.store, { formats: [] });
  expect(node.wells.map(({ path, images }) => [path, images.map(({ name }) => name)])).toEqual([
    ["/A/1", ["field 1"]],
    ["/B/3", ["field 0", "field 2"]],
  ]);
  expect(node.model).toMatchObject({ kind: "plate", name: "screen", rows: ["A", "B"], fieldCount: 2 });
  const pixels = await node.wells[1]?.images[1]?.level(0).read({ y: 0, x: 0 });
  expect(pixels?.data).toEqual(Uint8Array.of(3));
  expect((await validateOmeZarr(target.store, { deep: true, formats: [] })).groups).toEqual([]);
});

test("fields of several acquisitions name theirs", async () => {
  const target = growingTarget();
  const plate = await createPlate(target, {
    rows: ["A"],
    columns: ["1"],
    acquisitions: [{ id: 0 }, { id: 4 }],
  });
  await expect(plate.createField("A/1", FIELD)).rejects.toThrow("one of 0, 4");
  await plate.createField("A/1", { ...FIELD, acquisition: 4 });
  await plate.close();
  const { wells } = await openOmeZarr(target.store, { formats: [] });
  expect(wells[0]?.model.fields).toEqual([{ path: "/A/1/0", acquisition: 4 }]);
});

test("wells that the plate lacks, invalid names and plates without fields are refused", async () => {
  const plate = await createPlate(growingTarget(), { rows: ["A"], columns: ["1"] });
  await expect(plate.createField("B/1", FIELD)).rejects.toThrow("no well B/1");
  await expect(plate.createField("A/1", { ...FIELD, dtype: "text" })).rejects.toThrow(
    "text is not a data type",
  );
  await expect(plate.close()).rejects.toThrow("no field yet");
  await expect(createPlate(growingTarget(), { rows: ["A", "A"], columns: ["1"] })).rejects.toThrow(
    '"A" is repeated',
  );
  await expect(createPlate(growingTarget(), { rows: ["A"], columns: ["1-2"] })).rejects.toThrow('"1-2"');
  await expect(createPlate(growingTarget(), { rows: ["A"], columns: [1, 2] as never })).rejects.toThrow(
    'columns must be names as strings, such as "1", not 1',
  );
});

test("a field whose options are refused is not counted", async () => {
  const target = growingTarget();
  const plate = await createPlate(target, { rows: ["A"], columns: ["1"] });
  const field = { axes: ["y", "x"], shape: [8, 8], dtype: "uint8" } as const;
  await expect(plate.createField("A/1", { ...field, codec: "zst:5" })).rejects.toMatchObject({
    _tag: "Usage",
  });
  await expect(plate.createField("A/1", { ...field, dtype: "text" })).rejects.toBeInstanceOf(RangeError);
  expect((await plate.createField("A/1", field)).path).toBe("/A/1/0");
});

test("fields are begun at once, and the options of one are refused", async () => {
  const target = growingTarget();
  const plate = await createPlate(target, { rows: ["A"], columns: ["1"] });
  const [refused, begun] = await Promise.allSettled([
    plate.createField("A/1", { ...FIELD, dtype: "text" }),
    plate.createField("A/1", FIELD),
  ]);
  expect(refused).toMatchObject({ status: "rejected", reason: expect.any(RangeError) });
  expect(begun).toMatchObject({ status: "fulfilled", value: { path: "/A/1/0" } });
  await plate.close();
  const { wells } = await openOmeZarr(target.store, { formats: [] });
  expect(wells[0]?.model.fields).toEqual([{ path: "/A/1/0" }]);
});

test("a field that is only just being begun is closed with the plate", async () => {
  const target = growingTarget();
  const plate = await createPlate(target, { rows: ["A"], columns: ["1"], name: "screen" });
  const begun = plate.createField("A/1", FIELD);
  await plate.close();
  await begun;
  expect((await validateOmeZarr(target.store, { deep: true, formats: [] })).groups).toEqual([]);
});
