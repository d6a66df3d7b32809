import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { imageMetadata, type SmallArray, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { sidePlanes } from "../src/image/sides/side-planes.js";
import {
  levelFor,
  type Pyramid,
  placeImage,
  previewLevel,
  smallestLevel,
  tilesIn,
} from "../src/image/tiles/image-plane.js";
import { readTile } from "../src/image/tiles/read-tile.js";

async function pyramidOf(axes: string, levels: readonly SmallArray[]): Promise<Pyramid> {
  const paths = levels.map((_, at) => String(at));
  const arrays = Object.fromEntries(levels.map((level, at) => [`/${at}`, level] as const));
  const map = smallImage({ "/": imageMetadata(axes, paths) }, arrays);
  const [image] = (await openOmeZarr(memoryStore(map), { formats: [] })).images;
  if (image === undefined) throw new Error("the store has no image");
  return placeImage(image);
}

test("images without depth have no planes across", async () => {
  expect(sidePlanes(await pyramidOf("yx", [{ shape: [8, 8] }]))).toBeUndefined();
  expect(sidePlanes(await pyramidOf("zyx", [{ shape: [1, 8, 8] }]))).toBeUndefined();
});

test("planes of too many chunks are not drawn, with the way out", async () => {
  const huge = await pyramidOf("zyx", [{ shape: [20_000, 512, 512], chunks: [1, 256, 256] }]);
  expect(sidePlanes(huge)).toEqual({ reason: expect.stringMatching(/40000 chunks .*--chunks z=32/) });
});

test("a level is chosen by the axis that the levels reduce", async () => {
  const levels = [
    { shape: [20, 400, 800], chunks: [1, 256, 256] },
    { shape: [20, 200, 400], chunks: [1, 256, 256] },
    { shape: [20, 100, 200], chunks: [1, 256, 256] },
  ];
  const sides = sidePlanes(await pyramidOf("zyx", levels));
  if (sides === undefined || "reason" in sides) throw new Error("there are no planes");
  for (const { pyramid } of sides.planes) {
    expect(smallestLevel(pyramid).index).toBe(2);
    // In the plane of z and y, too, a quarter of a pixel of the screen for each pixel of the largest level.
    expect([1, 0.5, 0.25].map((scale) => levelFor(pyramid, scale).index)).toEqual([0, 1, 2]);
  }
});

test.for([
  [[1024, 512, 256], 1],
  [[2048, 1024], 1],
  [[256, 128], 0],
] as const)("of levels %j pixels wide, number %d stands for the whole image", async ([sizes, expected]) => {
  const levels = sizes.map((size) => ({ shape: [size, size], dataType: "uint8" }) as const);
  expect(previewLevel(await pyramidOf("yx", levels)).index).toBe(expected);
});

test.for([
  ["zyx", "max"],
  ["xyz", "max"],
  ["yxz", "mean"],
  ["xzy", "mean"],
] as const)(
  "the projection of %s is the %s of each pixel's column, of a part of the planes",
  async ([axes, method]) => {
    const size: Record<string, number> = { x: 7, y: 5, z: 11 };
    const shape = [...axes].map((axis) => size[axis] ?? 1);
    const valueAt = (index: number): number => (index * 7919) % 251;
    const placed = await pyramidOf(axes, [{ shape, chunks: [3, 4, 2], dataType: "uint8", valueAt }]);
    const range = [2, 9] as const;
    const pyramid = { ...placed, projection: { axis: "z", method, range } };
    const [tile] = tilesIn(pyramid.levels[0], { left: 0, top: 0, right: 7, bottom: 5 });
    if (tile === undefined) throw new Error("there is no tile");
    const expected: number[] = [];
    for (let y = 0; y < 5; y++) {
      for (let x = 0; x < 7; x++) {
        const column: number[] = [];
        for (let z = range[0]; z < range[1]; z++) {
          const position: Record<string, number> = { x, y, z };
          column.push(
            valueAt([...axes].reduce((sum, axis) => sum * (size[axis] ?? 1) + (position[axis] ?? 0), 0)),
          );
        }
        const mean = column.reduce((a, b) => a + b) / column.length;
        expected.push(method === "max" ? Math.max(...column) : Math.round(mean));
      }
    }
    expect([...(await readTile(pyramid, tile, {}))]).toEqual(expected);
  },
);
