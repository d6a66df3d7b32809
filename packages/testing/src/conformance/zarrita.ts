import { expect, test } from "vitest";
import { open, root } from "zarrita";
import { readValues } from "../read-values.js";
import { sampleArrays } from "../sample-image.js";
import { type Fixture, HELD_SAMPLE } from "./hierarchy.js";

/** A store is a zarrita `AsyncReadable`. */
export function testZarrita(fixture: () => Fixture): void {
  test("zarrita reads every array of an image from it", async () => {
    const { store } = fixture();
    for (const { path, shape, content } of sampleArrays(HELD_SAMPLE)) {
      const read = await readValues(store, path);
      expect(read.shape, path).toEqual(shape);
      expect(read.values, path).toEqual(Array.from<unknown>(content.values));
    }
  });

  test("zarrita finds the image's metadata", async () => {
    const group = await open.v3(root(fixture().store), { kind: "group" });
    expect(group.attrs).toMatchObject({ ome: { version: "0.5" } });
  });

  test("zarrita sees that a node is missing", async () => {
    const missing = root(fixture().store).resolve("/missing");
    await expect(open(missing, { kind: "group" })).rejects.toThrow(/not found/i);
  });
}
