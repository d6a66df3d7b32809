import { readFile } from "node:fs/promises";
import { describeWithChromium, imageMetadata, smallImage, testSample } from "@ozx/testing";
import { expect, test } from "vitest";
import { formatMarks, type Mark, parseMarks } from "../src/image/measure/marks.js";
import { describeMark, measure, toGeoJson } from "../src/image/measure/measures.js";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { pageServer } from "./page/serve-page.js";

const MARKS: readonly Mark[] = [
  { kind: "point", positions: [[1.25, 2]] },
  {
    kind: "line",
    positions: [
      [0, 0],
      [30, 40],
    ],
  },
  {
    kind: "box",
    positions: [
      [10, 10],
      [4, 20],
    ],
  },
  {
    kind: "area",
    positions: [
      [0, 0],
      [10, 0],
      [0, 10],
    ],
  },
];

test("marks come back from a link; what is not one is left out", () => {
  const text = formatMarks(MARKS);
  expect(text).toBe("point:1.25,2/line:0,0,30,40/box:10,10,4,20/area:0,0,10,0,0,10");
  expect(parseMarks(text)).toEqual(MARKS);
  for (const wrong of [
    "",
    "point:1",
    "line:1,2",
    "circle:1,2",
    "point:1,x",
    "point:,",
    "line:1,2,3,1e99",
    "toString:1,2",
  ]) {
    expect(parseMarks(wrong), wrong).toEqual([]);
  }
  expect(parseMarks(null)).toEqual([]);
});

test("lengths and areas are those of the axes, also where pixels are not square", () => {
  const size = { x: 0.5, y: 2, unit: "µm" };
  expect(MARKS.map((mark) => measure(mark, size))).toEqual([
    {},
    { length: Math.hypot(15, 80) },
    { area: 3 * 20 },
    { area: (5 * 20) / 2 },
  ]);
  expect(MARKS.map((mark) => describeMark(mark, size))).toEqual([
    "Point, 0.625, 4 µm",
    "Line, 81.39 µm",
    "Box, 60 µm²",
    "Area, 50 µm²",
  ]);
  const { features } = JSON.parse(toGeoJson(MARKS, size));
  expect(features.map((one: { geometry: object }) => one.geometry)).toEqual([
    { type: "Point", coordinates: [1.25, 2] },
    {
      type: "LineString",
      coordinates: [
        [0, 0],
        [30, 40],
      ],
    },
    {
      type: "Polygon",
      coordinates: [
        [
          [10, 10],
          [4, 10],
          [4, 20],
          [10, 20],
          [10, 10],
        ],
      ],
    },
    {
      type: "Polygon",
      coordinates: [
        [
          [0, 0],
          [10, 0],
          [0, 10],
          [0, 0],
        ],
      ],
    },
  ]);
  expect(features[1].properties).toEqual({ kind: "line", length: Math.hypot(15, 80), unit: "µm" });
});

const served = pageServer();

describeWithChromium("measuring", (chromium) => {
  testSample(LOOKS, 0)("%s: marks are drawn, listed, kept in the link and saved", async ([name, look]) => {
    await using visited = await visit(chromium(), `${served.url}#of=m.ozx&image=/&view=32,32,3`, look);
    const { page, complaints } = visited;
    const map = smallImage(
      { "/": imageMetadata("yx") },
      { "/0": { shape: [64, 64], valueAt: (at) => at % 64 } },
    );
    await chooseFile(page, await archiveOf(map), "m.ozx");
    await page.locator(".stage[data-complete=true]").waitFor();
    await page.getByRole("button", { name: "Measure and mark" }).click();
    const tool = (title: string) => page.getByRole("button", { name: title, exact: true });
    const box = await page.locator(".stage").boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];

    // Eight pixels of the screen are one of the image, which is half a micrometer.
    await tool("Line").click();
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 80, { steps: 3 });
    await page.mouse.up();
    const list = page.locator(".measure li span");
    await expect.poll(() => list.allTextContents()).toEqual(["Line, 6.25 µm"]);

    await tool("Area").click();
    for (const [right, down] of [
      [-80, -80],
      [-40, -80],
      [-40, -40],
      [-80, -40],
      [-80, -80],
    ] as const) {
      await page.mouse.click(x + right, y + down);
    }
    await expect.poll(() => list.allTextContents()).toEqual(["Line, 6.25 µm", "Area, 6.25 µm²"]);

    await tool("Box").click();
    await page.locator(".mark-layer").focus();
    await page.keyboard.press("Enter");
    for (const key of ["ArrowRight", "ArrowDown"]) {
      for (let step = 0; step < 4; step++) await page.keyboard.press(key);
    }
    await page.keyboard.press("Enter");
    await expect
      .poll(() => list.allTextContents())
      .toEqual(["Line, 6.25 µm", "Area, 6.25 µm²", "Box, 6.25 µm²"]);
    await picture(page, `measuring, ${name}`);
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect.poll(() => tool("Box").getAttribute("aria-pressed")).toBe("false");

    await expect.poll(() => page.url()).toContain("/box:");
    const kept = parseMarks(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("marks"));
    const near = [32, 32, 39.5, 42, 22, 22, 27, 22, 27, 27, 22, 27, 32, 32, 37, 37];
    for (const [at, value] of kept.flatMap(({ positions }) => positions.flat()).entries()) {
      expect(Math.abs(value - (near[at] ?? Number.NaN)), `coordinate ${at}`).toBeLessThan(0.2);
    }
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as GeoJSON" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("m.geojson");
    const saved = JSON.parse(await readFile(await download.path(), "utf8"));
    expect(saved.features).toHaveLength(3);

    await page.getByRole("button", { name: "Remove 2" }).click();
    await expect.poll(() => list.allTextContents()).toEqual(["Line, 6.25 µm", "Box, 6.25 µm²"]);
    expect(complaints).toEqual([]);
  });
});
