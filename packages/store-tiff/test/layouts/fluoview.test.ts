import { describe, expect, test } from "vitest";
import { buildTiff, type Field, grayPage, planePixels } from "../fixtures/build-tiff.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { HEIGHT, planeBytes, upTo, WIDTH } from "../fixtures/stack.js";

type Dimension = readonly [name: string, size: number, resolution: number, unit: string];

/** MM_Header: the dimensions at byte 284, of 100 bytes each. */
function header(dimensions: readonly Dimension[]): Field {
  const bytes = new Uint8Array(1500);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string): void => bytes.set(new TextEncoder().encode(text), at);
  write(3, "cells");
  for (const [k, [name, size, resolution, unit]] of dimensions.entries()) {
    const at = 284 + 100 * k;
    write(at, name);
    view.setInt32(at + 16, size, true);
    view.setFloat64(at + 28, resolution, true);
    write(at + 36, unit);
  }
  return [34_361, "bytes", bytes];
}

const PLANE: readonly Dimension[] = [
  ["X", WIDTH, 0.25, "um"],
  ["Y", HEIGHT, 0.25, "um"],
];
const file = (dimensions: readonly Dimension[], pages: number): Uint8Array =>
  buildTiff(
    upTo(pages).map((n) =>
      grayPage({
        ...{ width: WIDTH, height: HEIGHT, pixels: planePixels(n, WIDTH, HEIGHT) },
        fields: n === 0 ? [header([...PLANE, ...dimensions])] : [],
      }),
    ),
  );

describe("a stack of FluoView", () => {
  test("has the axes that its header lists, the fastest first", async () => {
    const store = await openBytes(
      file(
        [
          ["Z", 3, 0.5, "um"],
          ["Ch", 2, 1, "Ch"],
          ["T", 2, 1.5, "s"],
        ],
        12,
      ),
    );
    for (const [t, c, z] of [
      [0, 0, 2],
      [1, 0, 1],
      [1, 1, 2],
    ] as const) {
      expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes((t * 2 + c) * 3 + z));
    }
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            {
              name: "cells",
              datasets: [{ coordinateTransformations: [{ scale: [1.5, 1, 0.5, 0.25, 0.25] }] }],
            },
          ],
        },
      },
    });
    expect(store.findings).toEqual([]);
  });

  test("that was stopped lacks planes, and says so", async () => {
    const store = await openBytes(file([["T", 4, 1, "s"]], 3));
    expect(await readPlane(store, "/0", { t: 2 })).toEqual(planeBytes(2));
    expect(store.findings[0]?.rule).toBe("missing-planes");
  });

  test("along what OME-Zarr has no axis for is refused", async () => {
    await expect(openBytes(file([["Event", 2, 1, ""]], 2))).rejects.toThrow(/2 planes along EVENT/);
    await expect(openBytes(file([["Z", 2000, 1, "um"]], 2))).rejects.toThrow(/should have 2000 planes/);
  });
});
