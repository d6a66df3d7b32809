import { type OpenImage, openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import { sampleMap } from "@ozx/testing";
import { beforeAll, describe, expect, test } from "vitest";
import type { Mark } from "../src/image/measure/marks.js";
import { SHOWN_AT_FIRST, type ShownAs } from "../src/image/model/shown-as.js";
import { initialSettings, settingsReducer, type ViewSettings } from "../src/image/model/view-settings.js";
import { levelFor, placeImage, tilesIn } from "../src/image/tiles/image-plane.js";
import { scaleBarOf } from "../src/image/view/scale-bar.js";
import { formatViewState, parseViewState } from "../src/share/view-state.js";

let image: OpenImage;

beforeAll(async () => {
  const map = await sampleMap({ size: { c: 12, z: 3, y: 64, x: 64 }, levels: 2 });
  const [first] = (await openOmeZarr(memoryStore(map), { formats: [] })).images;
  if (first === undefined) throw new Error("the sample has no image");
  image = first;
});

describe("the state in the address", () => {
  test("is the same after it has been formatted and parsed", () => {
    let settings: ViewSettings = initialSettings(image);
    settings = settingsReducer(settings, { type: "slice", axis: "z", position: 0 });
    settings = settingsReducer(settings, { type: "channel", index: 3, change: { on: false } });
    settings = settingsReducer(settings, {
      type: "channel",
      index: 1,
      change: { color: "12AB00", gamma: 0.5, ramp: "ice" },
    });
    settings = settingsReducer(settings, { type: "label", index: 0, change: { on: true, opacity: 0.25 } });
    const marks: readonly Mark[] = [{ kind: "point", positions: [[3, 4.5]] }];
    const camera = { x: 12.5, y: -3, zoom: 1.25 };
    const shownAs: ShownAs = {
      mode: "volume",
      projection: { axis: "z", method: "mean", range: [1, 3] },
      ray: "min",
      clip: { x: [3, 64], z: [0, 2] },
      orbit: { tilt: -12.5, turn: 400, zoom: 1.25 },
      cross: { x: 5, y: 63 },
    };
    const hash = formatViewState("a & b.ozx", { image: "/", settings, camera, marks, shownAs });
    expect(parseViewState(`#${hash}`, "a & b.ozx", image)).toEqual({
      ...{ settings, camera, marks, shownAs },
    });
  });

  test("of another file is ignored", () => {
    const hash = formatViewState("a.ozx", {
      image: "/",
      settings: initialSettings(image),
      camera: undefined,
    });
    expect(parseViewState(hash, "b.ozx", image)).toEqual({});
  });

  test.for([
    "at.z=99&ch=&label=7&view=1,2",
    "at.z=-1&ch=99:zz:5:1:0,:,x:::&label=x:y&view=NaN,,1e99",
    "at.z=1.5&at.q=3&view=,,&marks=line:1/x",
    "project=sum:0:2&ray=x&clip.x=9:3&clip.z=0:99&orbit=100,1,1&cross=64,1",
    "project=max:2:2&clip.y=a:b&orbit=1,2&cross=1",
  ])("that is invalid leaves the initial settings: %s", (hash) => {
    const { settings, camera, shownAs } = parseViewState(`of=a&image=/&${hash}`, "a", image);
    expect(camera).toBeUndefined();
    expect(shownAs).toEqual(SHOWN_AT_FIRST);
    expect(settings?.slice).toEqual(initialSettings(image).slice);
    expect(settings?.labels).toEqual([{ index: 0, on: false, opacity: 0.5 }]);
    for (const { color, gamma } of settings?.channels ?? []) {
      expect(color).toMatch(/^[0-9A-F]{6}$/);
      expect(gamma).toBe(1);
    }
  });
});

describe("settings", () => {
  test("at most ten channels are on", () => {
    let settings: ViewSettings = initialSettings(image);
    for (const { index } of settings.channels) {
      settings = settingsReducer(settings, { type: "channel", index, change: { on: true } });
    }
    expect(settings.channels).toHaveLength(12);
    expect(settings.channels.filter(({ on }) => on)).toHaveLength(10);
  });
});

describe("the scale bar", () => {
  test.for([
    [0, /^(1|2|5)0? µm$/],
    [6, /^\d+ nm$|^1 µm$/],
    [-12, /^\d+ (µm|mm)$/],
  ] as const)("has a round length and is not wider than requested at 2 ** %d", ([zoom, text]) => {
    const bar = scaleBarOf(image, zoom, 140);
    expect(bar.text).toMatch(text);
    expect(bar.width).toBeLessThanOrEqual(140.001);
    expect(bar.width).toBeGreaterThan(140 / 2.6);
  });
});

describe("tiles", () => {
  test("cover each pixel of a level exactly once", () => {
    const pyramid = placeImage(image);
    for (const level of pyramid.levels) {
      const tiles = tilesIn(level, { left: -100, top: -100, right: 1000, bottom: 1000 });
      const pixels = tiles.reduce((sum, { x, y }) => sum + (x[1] - x[0]) * (y[1] - y[0]), 0);
      expect(pixels).toBe(level.width * level.height);
    }
    expect(tilesIn(pyramid.levels[0], { left: 70, top: 0, right: 90, bottom: 10 })).toEqual([]);
  });

  test("come from the level that fits the screen", () => {
    const pyramid = placeImage(image);
    expect(levelFor(pyramid, 1).index).toBe(0);
    expect(levelFor(pyramid, 0.5).index).toBe(1);
  });
});
