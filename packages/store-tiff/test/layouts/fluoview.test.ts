import { describe, expect, test } from "vitest";
import { fluoviewFile } from "../fixtures/build-fluoview.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { planeBytes } from "../fixtures/stack.js";

describe("a stack of FluoView", () => {
  test("has the axes that its header lists, the fastest first", async () => {
    const store = await openBytes(
      fluoviewFile(
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
    const store = await openBytes(fluoviewFile([["T", 4, 1, "s"]], 3));
    expect(await readPlane(store, "/0", { t: 2 })).toEqual(planeBytes(2));
    expect(store.findings[0]?.rule).toBe("missing-planes");
  });

  test("along what OME-Zarr has no axis for is refused", async () => {
    await expect(openBytes(fluoviewFile([["Event", 2, 1, ""]], 2))).rejects.toThrow(/2 planes along EVENT/);
    await expect(openBytes(fluoviewFile([["Z", 2000, 1, "um"]], 2))).rejects.toThrow(
      /should have 2000 planes/,
    );
  });
});
