import { openOmeZarr } from "@ozx/core";
import { memoryStore } from "@ozx/core/container";
import {
  describeWithChromium,
  imageMetadata,
  outsideSample,
  type SampleOptions,
  sampleMap,
  skipFor,
  smallImage,
  testSample,
} from "@ozx/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { chooseFile, chooseInstead, type Page, picture, visit, type WatchedPage } from "./page/drive.js";
import { archiveOf, colorLabels } from "./page/make-archive.js";
import { CAMERA, type ExpectedPicture, expectPicture, hashOf, stagePixels } from "./page/pixels.js";
import { QUADRANTS, quadrantMap } from "./page/quadrants.js";
import { pageServer } from "./page/serve-page.js";

// Every frame is rendered in software, while other tests run.
const NAME = "image.ozx";
const LITTLE = { name: "bytes", configuration: { endian: "little" } };

/** Just large enough for the comparisons, because every pixel is rendered in software. */
const LOOK = { width: 800, height: 500 };
/** Two rows and two columns of tiles. */
const SIZE = { z: 3, y: 400, x: 400 };

const served = pageServer();

const HARDWARE = { "the processor": {}, "a graphics card": { graphicsCard: true } };

for (const drawnBy of ["the processor", "a graphics card"] as const) {
  describeWithChromium(`the picture, drawn by ${drawnBy}`, (chromium) => {
    /** Of a graphics card, whose shaders are run by the processor here, fewer are in the sample. */
    const cardOutside = skipFor(drawnBy === "a graphics card" ? outsideSample() : undefined);
    let visited: WatchedPage;
    beforeAll(async () => {
      visited = await visit(chromium(), served.url, { ...LOOK, ...HARDWARE[drawnBy] });
    });
    afterAll(() => visited[Symbol.asyncDispose]());
    afterEach(() => {
      expect(visited.complaints.splice(0)).toEqual([]);
    });

    /**
     * Shows a sample and compares the picture with core's composite.
     *
     * @param change the expected view, where it differs from the default one
     * @param initial the view in the address, where it differs from the expected one
     * @param act changes the initial view into the expected one
     */
    async function expectSample(
      options: SampleOptions,
      change: Partial<ExpectedPicture> = {},
      initial: Partial<ExpectedPicture> = {},
      act?: (page: Page) => Promise<void>,
    ) {
      const map = await sampleMap({ size: SIZE, ...options });
      if (change.label !== undefined) colorLabels(map);
      await using node = await openOmeZarr(memoryStore(map), { formats: [] });
      const [image] = node.images;
      if (image === undefined) throw new Error("the sample has no image");
      const channels = image.channels.map(({ color = "FFFFFF", window }, index) => ({
        index,
        color,
        start: window?.start ?? 0,
        end: window?.end ?? 1,
      }));
      const expected = { image, level: 0, slice: { z: 2 }, channels, camera: CAMERA, ...change };
      const { page } = visited;
      await chooseInstead(page, await archiveOf(map), NAME, hashOf(NAME, { ...expected, ...initial }));
      await act?.(page);
      await expectPicture(page, expected);
    }

    const samples: readonly SampleOptions[] = [
      { codec: "zstd" },
      { codec: "blosc", shards: true },
      { codec: "gzip", dtype: "uint8" },
      { codec: "none", dtype: "int16", byteOrder: ">" },
      { codec: "zstd", dtype: "float64", shards: true },
      { codec: "none", dtype: "uint32" },
    ];
    testSample(samples, 1)("equals core's composite: %j", async (options) => {
      await expectSample(options);
    });

    test("of a smaller level is at the position of the largest one", skipFor(outsideSample()), async () => {
      const size = { z: 1, y: 800, x: 800 };
      await expectSample({ size }, { level: 1, slice: { z: 0 }, camera: { x: 400.7, y: 400.7, zoom: -1 } });
    });

    test(
      "of some channels, in other colours and ramps of them, windows and gamma",
      skipFor(outsideSample()),
      async () => {
        const nuclei = { index: 0, color: "3F7FFF", start: 244, end: 3160, ramp: "fire" };
        const others = [
          { index: 1, color: "FF8000", start: 100, end: 2000, gamma: 0.5 },
          { index: 2, color: "00FFFF", start: 0, end: 3000, gamma: 2, ramp: "cool" },
        ];
        const before = { channels: [{ ...nuclei, ramp: undefined }, ...others] };
        await expectSample({}, { channels: [nuclei, ...others] }, before, async (page) => {
          await page.getByRole("button", { name: "γ 1.00" }).first().click();
          await page.getByLabel("Nuclei: colours").selectOption({ label: "Fire: red to white" });
          await expect
            .poll(() => page.url())
            .toContain("ch=0:3F7FFF:244:3160:1:fire,1:FF8000:100:2000:0.5,2:");
          await picture(page, "ramps");
        });
      },
    );

    test("of a single level with many tiles", skipFor(outsideSample()), async () => {
      const size = { c: 2, z: 1, y: 700, x: 600 };
      const camera = { x: 300.35, y: 384.35, zoom: 0 };
      await expectSample({ size, levels: 1 }, { slice: { z: 0 }, camera });
    });

    test("of a chunk of many pixels", skipFor(outsideSample()), async () => {
      const size = { c: 2, z: 1, y: 1100, x: 1100 };
      const camera = { x: 512.35, y: 512.35, zoom: 0 };
      await expectSample({ size, levels: 1, chunk: 1100 }, { slice: { z: 0 }, camera });
    });

    test("follows the slider of z, and channels that are turned off and on", cardOutside, async () => {
      const membrane = { index: 1, color: "FF3FA0", start: 244, end: 3160, ramp: "cool" };
      const spots = { index: 2, color: "FFE040", start: 244, end: 3160 };
      const before = { slice: { z: 1 }, channels: [{ ...membrane, index: 0 }, membrane] };
      const after = { slice: { z: 3 }, channels: [membrane, spots] };
      await expectSample({ size: { ...SIZE, z: 4 } }, after, before, async (page) => {
        await page.getByLabel("Position along z").fill("3");
        await page.getByRole("checkbox", { name: "Nuclei" }).uncheck();
        await page.getByRole("checkbox", { name: "Spots" }).check();
      });
    });

    test("has a label image over it, as opaque as the slider says", async () => {
      const label = { index: 0, opacity: 0.4 };
      await expectSample({}, { label }, { label: { index: 0, opacity: 1 } }, async (page) => {
        await page.getByLabel("cells: opacity").fill("0.4");
      });
    });

    test("says how many pixels are NaN, and is not complete before they are read", cardOutside, async () => {
      const { page } = visited;
      const document = { data_type: "float32", fill_value: "NaN", codecs: [LITTLE] };
      const map = smallImage(
        { "/": imageMetadata("yx") },
        { "/0": { shape: [64, 64], chunks: [32, 64], document } },
      );
      map.set("/0/c/0/0", new Uint8Array(Float32Array.from({ length: 32 * 64 }, (_, i) => i / 1e6).buffer));
      await chooseInstead(page, await archiveOf(map), NAME, "");
      const screen = await stagePixels(page);
      await page.getByText("50 % of the pixels are NaN, which is drawn black.").waitFor();
      const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
      expect(screen.at(x, y - 20)[0], "above the middle").toBeGreaterThan(150);
      expect(screen.at(x, y + 20)[0], "below the middle").toBe(0);
    });

    const placed = [
      { zoom: -2.2, sizes: [3000, 1000, 400] },
      { zoom: -2.9, sizes: [3000, 1000, 400] },
      { zoom: -2.2, sizes: [3000] },
    ];
    testSample(placed, 0)(
      "is at the right position whatever the sizes of the levels: %j",
      async ({ zoom, sizes }) => {
        const hash = `of=${NAME}&image=/&ch=0:FFFFFF:0:255:1&view=1530,1230,${zoom}`;
        await using other = await visit(chromium(), `${served.url}#${hash}`, {
          width: 1000,
          height: 400,
          ...HARDWARE[drawnBy],
        });
        await chooseFile(other.page, await archiveOf(quadrantMap(sizes)), NAME);
        const screen = await stagePixels(other.page);
        expect(other.complaints).toEqual([]);
        const onScreen = (x: number, y: number, right: number, down: number) =>
          screen.at(
            Math.round(screen.width / 2 + (x - 1530) * 2 ** zoom) + right,
            Math.round(screen.height / 2 + (y - 1230) * 2 ** zoom) + down,
          )[0];
        const around = (x: number, y: number): number[] =>
          [
            [-3, -3],
            [2, -3],
            [-3, 2],
            [2, 2],
          ].map(([right = 0, down = 0]) => onScreen(x, y, right, down));
        expect(around(1500, 1200), "where all parts meet").toEqual([...QUADRANTS]);
        const [left, right] = [around(0, 1000), around(3000, 1000)];
        expect(
          left.map((value) => value > 30),
          "the left edge",
        ).toEqual([false, true, false, true]);
        expect(
          right.map((value) => value > 30),
          "the right edge",
        ).toEqual([true, false, true, false]);
      },
    );
  });
}
