import { expect, test } from "vitest";
import { get, open, root } from "zarrita";
import { sampleArrays } from "../sample-image.js";
import { type Fixture, HELD_SAMPLE } from "./hierarchy.js";

/** A store is a zarrita `AsyncReadable`. */
export function testZarrita(fixture: () => Fixture): void {
  test("zarrita reads every array of an image from it", async () => {
    const { store } = fixture();
    for (const { path, shape, content } of sampleArrays(HELD_SAMPLE)) {
      const array = await open.v3(root(store).resolve(path), { kind: "array" });
      expect(array.shape, path).toEqual(shape);
      const { data } = await get(array);
      expect(Array.from(data as Iterable<unknown>), path).toEqual(Array.from<unknown>(content.values));
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
