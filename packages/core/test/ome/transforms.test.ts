import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  composeAll,
  composeTransforms,
  placementSteps,
  transformSteps,
  transformsInto,
} from "../../src/ome/transforms.js";
import type { JsonObject } from "../../src/zarr/json.js";
import { scale, translation } from "./hierarchy.js";

const identity: JsonObject = { type: "identity" };
const sequence = (...transformations: JsonObject[]): JsonObject => ({ type: "sequence", transformations });

/** What lists come to in two dimensions, and the rules of what was left out. */
function compose(...lists: unknown[]) {
  const rules: string[] = [];
  const placement = composeTransforms(
    lists.map((transforms) => ({ transforms, what: "the list" })),
    2,
    ({ text }) => rules.push(text.id),
  );
  return { ...placement, rules };
}

describe("lists of transformations come to one scale and one translation", () => {
  test.each<[string, unknown[], number[], number[]]>([
    ["nothing", [undefined], [1, 1], [0, 0]],
    ["an empty list", [[]], [1, 1], [0, 0]],
    ["identity", [[identity]], [1, 1], [0, 0]],
    ["scale", [[scale(2, 3)]], [2, 3], [0, 0]],
    ["translation", [[translation(5, 7)]], [1, 1], [5, 7]],
    ["scale, then identity", [[scale(2, 3), identity]], [2, 3], [0, 0]],
    ["identity, then scale", [[identity, scale(2, 3)]], [2, 3], [0, 0]],
    ["scale, then translation", [[scale(2, 3), translation(5, 7)]], [2, 3], [5, 7]],
    ["translation, then scale, which multiplies it", [[translation(5, 7), scale(2, 3)]], [2, 3], [10, 21]],
    ["two scales", [[scale(2, 3), scale(10, 100)]], [20, 300], [0, 0]],
    ["two translations", [[translation(1, 2), translation(10, 20)]], [1, 1], [11, 22]],
    [
      "translations before and after a scale",
      [[translation(1, 1), scale(2, 3), translation(10, 10)]],
      [2, 3],
      [12, 13],
    ],
    [
      "a dataset's, then the multiscale's",
      [
        [scale(2, 3), translation(5, 7)],
        [scale(10, 10), translation(1, 1)],
      ],
      [20, 30],
      [51, 71],
    ],
    ["nothing of a dataset, then the multiscale's", [undefined, [scale(2, 3)]], [2, 3], [0, 0]],
    ["a sequence in its place", [[sequence(translation(1, 1), scale(2, 3)), scale(2, 2)]], [4, 6], [4, 6]],
    ["a sequence in a sequence", [[sequence(sequence(translation(1, 1)), scale(2, 3))]], [2, 3], [2, 3]],
    ["negative numbers and 0", [[scale(-1, 0), translation(1, -1)]], [-1, 0], [1, -1]],
    ["0.6: a type that can only be one", [[{ scale: [2, 3] }, { translation: [1, 1] }]], [2, 3], [1, 1]],
    ["0.6: an identity without a type", [[{ input: { path: "0" }, output: { name: "a" } }]], [1, 1], [0, 0]],
  ])("%s", (_, lists, scale, translation) => {
    expect(compose(...lists)).toEqual({ scale, translation, rules: [] });
  });

  test.each<[string, unknown, string]>([
    ["no list", "none", "ome-unreadable-part"],
    ["no object", [7], "ome-unreadable-part"],
    ["no type", [{}], "ome-unreadable-part"],
    ["two possible types", [{ scale: [2, 2], translation: [1, 1] }], "ome-unreadable-part"],
    ["a type that is no string", [{ type: 1, scale: [2, 2] }], "ome-unreadable-part"],
    ["a sequence of nothing", [{ type: "sequence" }], "ome-unreadable-part"],
    ["words for numbers", [{ type: "scale", scale: ["2", "2"] }], "ome-unreadable-part"],
    ["too few numbers", [scale(2)], "ome-transform-length"],
    ["numbers in an array", [{ type: "scale", path: "scale" }], "ome-transform-supported"],
    ["affine", [{ type: "affine", affine: [] }], "ome-transform-supported"],
  ])("%s is reported and left out, or refused where nothing may be", (_, transforms, rule) => {
    expect(compose(transforms, [scale(2, 3)])).toEqual({ scale: [2, 3], translation: [0, 0], rules: [rule] });
    const refuse = (): unknown =>
      composeAll([{ transforms, what: "the list" }], 2, ({ message }) => new Error(message));
    expect(refuse).toThrow("the list");
  });

  test("numbers that JSON cannot say are refused where they would be written", () => {
    const lists = [{ transforms: [scale(1e308, 1), scale(10, 1)], what: "the list" }];
    expect(() => composeAll(lists, 2, ({ message }) => new Error(message))).toThrow("too large");
  });

  test("sequences nested deeper than calls can be are flattened", () => {
    let nested = translation(1, 1);
    for (let depth = 0; depth < 50_000; depth++) nested = sequence(nested);
    expect(transformSteps([nested]).map(({ type }) => type)).toEqual(["translation"]);
  });
});

test("0.6: of transformations into several systems, that into the levels' own is taken", () => {
  const into = (name: unknown, size: number): JsonObject => ({ ...scale(size, size), output: name });
  const list = [into({ name: "a" }, 2), into({ name: "b" }, 3), into("c", 4)];
  expect(compose(transformsInto(list, "b"))).toMatchObject({ scale: [3, 3] });
  expect(compose(transformsInto(list, "c"))).toMatchObject({ scale: [4, 4] });
  expect(compose(transformsInto(list, undefined))).toMatchObject({ scale: [2, 2] });
  expect(compose(transformsInto([scale(2, 2), scale(3, 3)], "a"))).toMatchObject({ scale: [6, 6] });
});

/** Whole numbers, so that no product is rounded and results are compared exactly. */
const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 3, maxLength: 3 });
const step: fc.Arbitrary<JsonObject> = fc.oneof(
  fc.constant(identity),
  numbers.map((scale): JsonObject => ({ type: "scale", scale })),
  numbers.map((translation): JsonObject => ({ type: "translation", translation })),
);
const transforms = fc.array(
  fc.oneof(
    step,
    fc.array(step, { maxLength: 3 }).map((steps) => sequence(...steps)),
  ),
  {
    maxLength: 4,
  },
);

type Matrix = readonly (readonly number[])[];

const UNIT: Matrix = [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => (row === column ? 1 : 0)));

function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    UNIT.map((_, column) => row.reduce((sum, value, k) => sum + value * (b[k]?.[column] ?? 0), 0)),
  );
}

/** The 4 × 4 matrix of one transformation of pixels in three dimensions. */
function matrixOf({ type, transformations, ...rest }: JsonObject): Matrix {
  if (type === "sequence") return matrixOfAll(transformations as JsonObject[]);
  const values = (rest["scale"] ?? rest["translation"] ?? []) as number[];
  return UNIT.map((row, r) =>
    row.map((one, column) => {
      if (type === "scale" && r === column && r < 3) return values[r] ?? 1;
      return type === "translation" && column === 3 && r < 3 ? (values[r] ?? 0) : one;
    }),
  );
}

function matrixOfAll(list: readonly JsonObject[]): Matrix {
  return list.reduce<Matrix>((done, one) => product(matrixOf(one), done), UNIT);
}

test("any lists come to what the product of their affine matrices comes to", () => {
  fc.assert(
    fc.property(transforms, transforms, numbers, (ofDataset, ofMultiscale, pixel) => {
      const lists = [ofDataset, ofMultiscale].map((list) => ({ transforms: list, what: "" }));
      const { scale, translation } = composeTransforms(lists, 3, ({ message }) => {
        throw new Error(message);
      });
      const matrix = matrixOfAll([...ofDataset, ...ofMultiscale]);
      const expected = product(
        matrix,
        [...pixel, 1].map((value) => [value, 0, 0, 0]),
      );
      const placed = pixel.map((at, axis) => (scale[axis] ?? 0) * at + (translation[axis] ?? 0));
      // 0 and -0 are one place.
      expect(placed.map((place) => place + 0)).toEqual(
        expected.slice(0, 3).map(([place = Number.NaN]) => place + 0),
      );
      const spelled = placementSteps({ scale, translation }, { translated: false });
      expect(compose3(spelled)).toEqual(compose3(placementSteps({ scale, translation })));
    }),
  );
});

function compose3(transforms: unknown) {
  const { scale, translation } = composeTransforms([{ transforms, what: "" }], 3, () => {});
  return { scale: scale.map((value) => value + 0), translation: translation.map((value) => value + 0) };
}
