import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { imageMetadata, type SmallArray, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { type Pyramid, placeImage } from "../src/image/tiles/image-plane.js";
import { readVolume } from "../src/image/volume/read-volume.js";
import { stepsNote, volumeLevel } from "../src/image/volume/volume-level.js";

async function pyramidOf(axes: string, ...levels: SmallArray[]): Promise<Pyramid> {
  const paths = levels.map((_, at) => String(at));
  const arrays = Object.fromEntries(levels.map((level, at) => [`/${at}`, level]));
  const store = memoryStore(smallImage({ "/": imageMetadata(axes, paths) }, arrays));
  const [image] = (await openOmeZarr(store, { formats: [] })).images;
  if (image === undefined) throw new Error("there is no image");
  return placeImage(image);
}

test("a pyramid along x and y alone has a volume, with steps along z", async () => {
  const sizes = [1000, 500, 250, 125];
  const found = volumeLevel(await pyramidOf("zyx", ...sizes.map((size) => ({ shape: [600, size, size] }))));
  expect(found).toMatchObject({ steps: [1, 1, 3], width: 250, height: 250, depth: 200 });
});

test("one level that is too large has a volume with steps along each axis, and says so", async () => {
  const found = volumeLevel(await pyramidOf("zyx", { shape: [300, 700, 500] }));
  expect(found).toMatchObject({ steps: [2, 3, 2], width: 250, height: 234, depth: 150 });
  expect(found && "steps" in found && stepsNote(found)).toBe(
    "3D draws one of 2 along x, one of 3 along y, one of 2 along z.",
  );
});

test("planes that are too large to be read are refused in a sentence; an image without depth has no volume", async () => {
  const found = volumeLevel(await pyramidOf("zyx", { shape: [100, 50_000, 50_000] }));
  expect(found).toMatchObject({ reason: expect.stringMatching(/^No 3D: .* 50000 × 50000 pixels/) });
  expect(volumeLevel(await pyramidOf("zyx", { shape: [1, 64, 64] }))).toBeUndefined();
  expect(volumeLevel(await pyramidOf("yx", { shape: [64, 64] }))).toBeUndefined();
});

test.for([
  ["zyx", [300, 7, 520], [300, 7, 520]],
  ["zyx", [300, 7, 520], [64, 7, 100]],
  ["zcyx", [270, 2, 3, 5], [1, 1, 3, 5]],
  ["yxz", [7, 5, 300], [7, 5, 40]],
] as const)("the values at each step are those of %s %j in chunks of %j", async ([axes, shape, chunks]) => {
  const pyramid = await pyramidOf(axes, { shape, chunks, valueAt: (index) => index % 65_521 });
  const volume = volumeLevel(pyramid);
  if (volume === undefined || "reason" in volume) throw new Error("there is no volume");
  const { width, height, depth, steps } = volume;
  const values = await readVolume(volume, pyramid, { slice: {}, channel: 1 });
  const expected = new Float32Array(width * height * depth);
  for (let z = 0, to = 0; z < depth; z++) {
    for (let y = height - 1; y >= 0; y--) {
      for (let x = 0; x < width; x++) {
        const at: Record<string, number> = { c: 1, x: x * steps[0], y: y * steps[1], z: z * steps[2] };
        const index = [...axes].reduce((sum, axis, i) => sum * (shape[i] ?? 1) + (at[axis] ?? 0), 0);
        expected[to++] = index % 65_521;
      }
    }
  }
  expect(values).toEqual(expected);
});
