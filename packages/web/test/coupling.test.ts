import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { imageMetadata, smallImage } from "@ozx/testing";
import { describe, expect, test } from "vitest";
import { alignedCamera, alignedPosition } from "../src/beside/alignment.js";
import { createCoupling } from "../src/beside/coupling.js";
import { type Pyramid, placeImage } from "../src/image/tiles/image-plane.js";
import { besideOfHash, withBeside } from "../src/share/beside-state.js";

interface Placed {
  readonly size: number;
  readonly depth: number;
  /** Of a pixel along z, y and x. */
  readonly scale: readonly [number, number, number];
  readonly shift?: readonly [number, number, number];
  readonly unit?: string;
}

async function pyramidOf({ size, depth, scale, shift, unit }: Placed): Promise<Pyramid> {
  const axes = ["z", "y", "x"].map((name) => ({ name, type: "space", ...(unit && { unit }) }));
  const transformations = [
    { type: "scale", scale },
    ...(shift === undefined ? [] : [{ type: "translation", translation: shift }]),
  ];
  const datasets = [{ path: "0", coordinateTransformations: transformations }];
  const metadata = { ...imageMetadata("zyx"), multiscales: [{ axes, datasets }] };
  const map = smallImage({ "/": metadata }, { "/0": { shape: [depth, size, size] } });
  const [image] = (await openOmeZarr(memoryStore(map), { formats: [] })).images;
  if (image === undefined) throw new Error("no image");
  return placeImage(image);
}

const MICRO = { size: 100, depth: 10, scale: [2, 0.5, 0.5], unit: "micrometer" } as const;

describe("the place of another image", () => {
  test.for([
    ["in larger pixels", { ...MICRO, size: 50, depth: 20, scale: [1, 1, 1] }, [10, 20, 2], 8],
    ["in another unit", { ...MICRO, scale: [2000, 250, 250], unit: "nanometer" }, [40, 80, 0], 4],
    ["that begins elsewhere", { ...MICRO, shift: [4, 5, 5] }, [10, 30, 1], 2],
    ["that is nowhere in it: by the middles", { ...MICRO, shift: [400, 500, 500] }, [20, 40, 1], 4],
    ["without units: by pixels", { size: 200, depth: 3, scale: [1, 1, 1] }, [20, 40, 1], 2],
  ] as const)("%s", async ([_, other, [x, y, zoom], z]) => {
    const [from, to] = [await pyramidOf(MICRO), await pyramidOf(other)];
    const camera = alignedCamera(from, to, { x: 20, y: 40, zoom: 1 });
    expect([camera.x, camera.y, camera.zoom].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      x,
      y,
      zoom,
    ]);
    expect(alignedPosition(from, to, "z", 4)).toBe(z);
    expect(alignedPosition(from, to, "t", 4)).toBeUndefined();
  });
});

describe("coupled pictures", () => {
  /** Two pictures of which the second has pixels twice as large; each reports where it goes, as on the page. */
  async function twoPictures() {
    const pyramids = [
      await pyramidOf(MICRO),
      await pyramidOf({ ...MICRO, size: 50, scale: [4, 1, 1] }),
    ] as const;
    const coupling = createCoupling();
    const shown = pyramids.map(() => ({ camera: { x: 25, y: 25, zoom: 0 }, slice: { z: 5 } }));
    const change = (side: 0 | 1, next: Partial<(typeof shown)[number]>): void => {
      shown[side] = { ...(shown[side] ?? { camera: { x: 0, y: 0, zoom: 0 }, slice: { z: 0 } }), ...next };
      coupling.links[side].report(shown[side]);
    };
    for (const side of [0, 1] as const) {
      const look = (camera: { x: number; y: number; zoom: number }): void => change(side, { camera });
      const go = (_axis: string, z: number): void => change(side, { slice: { z } });
      coupling.links[side].join({ pyramid: pyramids[side], look, go }, false);
      change(side, {});
    }
    return { coupling, shown, change };
  }

  test("start at the same place, and follow the one that leads", async () => {
    const { coupling, shown, change } = await twoPictures();
    expect(shown[1]).toEqual({ camera: { x: 12.5, y: 12.5, zoom: 1 }, slice: { z: 3 } });
    coupling.lead(0);
    change(0, { camera: { x: 35, y: 25, zoom: 2 }, slice: { z: 7 } });
    expect(shown[1]).toEqual({ camera: { x: 17.5, y: 12.5, zoom: 3 }, slice: { z: 4 } });
    coupling.lead(1);
    change(1, { camera: { x: 12.5, y: 12.5, zoom: 1 }, slice: { z: 5 } });
    expect(shown[0]).toEqual({ camera: { x: 25, y: 25, zoom: 0 }, slice: { z: 9 } });
  });

  test("stay where they are uncoupled, and move from there when they are coupled again", async () => {
    const { coupling, shown, change } = await twoPictures();
    coupling.couple(false);
    coupling.lead(1);
    change(1, { camera: { x: 40, y: 40, zoom: 2 }, slice: { z: 0 } });
    expect(shown[0]).toEqual({ camera: { x: 25, y: 25, zoom: 0 }, slice: { z: 5 } });
    coupling.couple(true);
    coupling.lead(0);
    change(0, { camera: { x: 27, y: 25, zoom: 1 }, slice: { z: 7 } });
    expect(shown[1]).toEqual({ camera: { x: 41, y: 40, zoom: 3 }, slice: { z: 1 } });
  });
});

describe("the address", () => {
  test("keeps what is beside, and nothing of a file", () => {
    const beside = {
      source: "https://a.org/b c.ozx?d=1&e=2",
      view: "of=b+c.ozx&image=/&at.z=3",
      isCoupled: false,
    };
    const hash = withBeside("of=a.ozx&image=/&beside=old&apart=1", beside);
    expect(hash).toMatch(/^of=a\.ozx&image=\/&beside=[^&]+&apart=1$/);
    expect(besideOfHash(`#${hash}`, "a.ozx")).toEqual(beside);
    expect(besideOfHash(hash, "other.ozx")).toBeUndefined();
    expect(withBeside(hash, { ...beside, source: undefined })).toBe("of=a.ozx&image=/");
  });

  test.for(["javascript:alert(1)", "file:///etc/passwd", "", "a.ozx"])("opens no %s", (source) => {
    const hash = withBeside("of=a.ozx", { source, view: "", isCoupled: true });
    expect(besideOfHash(hash, "a.ozx")).toBeUndefined();
  });
});
