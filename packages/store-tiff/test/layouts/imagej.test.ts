import { describe, expect, test } from "vitest";
import type { Field } from "../fixtures/build-tiff.js";
import { documentAt, openBytes } from "../fixtures/open.js";
import { readPlane } from "../fixtures/read-plane.js";
import { planeBytes, runOf, stackOf, upTo } from "../fixtures/stack.js";

const description = (...lines: readonly string[]): string => ["ImageJ=1.53t", ...lines, ""].join("\n");
const HYPERSTACK = ["images=12", "channels=2", "slices=3", "frames=2", "hyperstack=true"];

describe("a hyperstack of ImageJ", () => {
  test.each([
    ["by default", "", (t: number, c: number, z: number) => (t * 3 + z) * 2 + c],
    ["with order=zct", "order=zct", (t: number, c: number, z: number) => (t * 2 + c) * 3 + z],
  ])("has its planes in order %s", async (_, order, numberAt) => {
    const text = description(...HYPERSTACK, order);
    for (const bytes of [stackOf(upTo(12), text), runOf(upTo(12), [[270, "ascii", text]])]) {
      const store = await openBytes(bytes);
      for (const [t, c, z] of [
        [0, 1, 0],
        [1, 0, 2],
        [1, 1, 1],
      ] as const) {
        expect(await readPlane(store, "/0", { t, c, z })).toEqual(planeBytes(numberAt(t, c, z)));
      }
    }
  });

  test("has the sizes, units and times of its description", async () => {
    const text = description(...HYPERSTACK, "unit=\\u00B5m", "spacing=-0.5", "finterval=2.5");
    const fields: Field[] = [
      [270, "ascii", text],
      [282, "rational", [[4, 1]]],
      [283, "rational", [[4_000_000, 1_000_000]]],
    ];
    const store = await openBytes(runOf(upTo(12), fields));
    expect(await documentAt(store, "/zarr.json")).toMatchObject({
      attributes: {
        ome: {
          multiscales: [
            {
              axes: [
                { unit: "second" },
                {},
                { unit: "micrometer" },
                { unit: "micrometer" },
                { unit: "micrometer" },
              ],
              datasets: [{ coordinateTransformations: [{ scale: [2.5, 1, 0.5, 0.25, 0.25] }] }],
            },
          ],
        },
        imagej: { description: { spacing: "-0.5" } },
      },
    });
  });

  test("that says less than it has is a stack along z, and it is said", async () => {
    const store = await openBytes(runOf(upTo(4), [[270, "ascii", description("images=4", "loop=false")]]));
    expect(await readPlane(store, "/0", { z: 3 })).toEqual(planeBytes(3));
    expect(store.findings.map(({ rule }) => rule)).toEqual(["unknown-axis"]);
  });

  test("that was cut off is read up to there, and no further", async () => {
    const whole = runOf(upTo(12), [[270, "ascii", description(...HYPERSTACK)]]);
    const moved = whole.slice();
    // The IFD is at the end: the pixels before it are removed, as if the file had been written in part.
    const page = planeBytes(0).length;
    const cut = new Uint8Array([...moved.subarray(0, 8 + 5 * page), ...moved.subarray(8 + 12 * page)]);
    new DataView(cut.buffer).setUint32(4, new DataView(whole.buffer).getUint32(4, true) - 7 * page, true);
    // What lies outside of the IFD is before it.
    const shift = 7 * page;
    const ifd = new DataView(cut.buffer).getUint32(4, true);
    const entries = new DataView(cut.buffer).getUint16(ifd, true);
    for (let k = 0; k < entries; k++) {
      const at = ifd + 2 + 12 * k;
      if (new DataView(cut.buffer).getUint16(at, true) !== 270) continue;
      new DataView(cut.buffer).setUint32(
        at + 8,
        new DataView(cut.buffer).getUint32(at + 8, true) - shift,
        true,
      );
    }
    const store = await openBytes(cut);
    expect(await readPlane(store, "/0", { t: 0, c: 1, z: 1 })).toEqual(planeBytes(3));
    await expect(readPlane(store, "/0", { t: 1, c: 1, z: 2 })).rejects.toThrow(
      /plane t=1, c=1, z=2 of \/0 has .* beyond the/,
    );
  });
});

test("channels of ImageJ have the colours and windows of its look-up tables", async () => {
  const lut = (red: number, green: number): Uint8Array =>
    Uint8Array.from({ length: 768 }, (_, k) => (k < 256 ? k * red : k < 512 ? (k - 256) * green : 0));
  const header = new Uint8Array(4 + 16);
  const head = new DataView(header.buffer);
  head.setUint32(0, 0x494a494a, true);
  head.setUint32(4, 0x6c757473, true);
  head.setUint32(8, 2, true);
  head.setUint32(12, 0x72616e67, true);
  head.setUint32(16, 1, true);
  const ranges = new Uint8Array(new Float64Array([0, 4095, 100, 2000]).buffer);
  const items = [header, lut(1, 0), lut(0, 1), ranges];
  const fields: Field[] = [
    [270, "ascii", description("images=2", "channels=2", "mode=composite")],
    [50838, "long", items.map(({ length }) => length)],
    [50839, "bytes", new Uint8Array(Buffer.concat(items))],
  ];
  const store = await openBytes(runOf(upTo(2), fields));
  expect(await documentAt(store, "/zarr.json")).toMatchObject({
    attributes: {
      ome: {
        omero: {
          channels: [
            { color: "FF0000", window: { start: 0, end: 4095, min: 0, max: 65_535 } },
            { color: "00FF00", window: { start: 100, end: 2000, min: 0, max: 65_535 } },
          ],
        },
      },
    },
  });
});
