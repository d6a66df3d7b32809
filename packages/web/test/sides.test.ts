import { describeWithChromium, imageMetadata, outsideSample, skipFor, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { type ScreenPixels, savedPng, stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

const SIZE = { z: 24, y: 32, x: 48 };
const WINDOW = { start: 0, end: 255, min: 0, max: 255 };

/** Values that tell the position: 2 for each pixel to the right, 3 for each downwards, 4 for each plane. */
function valueAt(index: number): number {
  const [x, y, z] = [
    index % SIZE.x,
    Math.floor(index / SIZE.x) % SIZE.y,
    Math.floor(index / (SIZE.x * SIZE.y)),
  ];
  return pixelAt(x, y, z);
}

function pixelAt(x: number, y: number, z: number): number {
  return Math.min(255, 2 * x + 2 * y + 4 * z);
}

/** A stack whose values tell their positions, in grey as they are. */
function ramp(): Promise<Uint8Array> {
  const omero = { channels: [{ color: "FFFFFF", active: true, window: WINDOW }] };
  const array = { shape: [SIZE.z, SIZE.y, SIZE.x], chunks: [5, 16, 48], dataType: "uint8", valueAt } as const;
  return archiveOf(smallImage({ "/": { ...imageMetadata("zyx"), omero } }, { "/0": array }));
}

/** The red of the screen in the middle of a pixel of a plane that is shown as a whole. */
async function planeReader(page: Page, screen: ScreenPixels, id: string, extent: readonly [number, number]) {
  const stage = await page.locator(".stage").boundingBox();
  const pane = await page.locator(`.pane[data-plane=${id}]`).boundingBox();
  if (stage === null || pane === null) throw new Error("the plane is not shown");
  const scale = await scaleOf(page);
  return (right: number, down: number): number => {
    const x = pane.x - stage.x + pane.width / 2 + (right + 0.5 - extent[0] / 2) * scale;
    const y = pane.y - stage.y + pane.height / 2 + (down + 0.5 - extent[1] / 2) * scale;
    return screen.at(Math.floor(x), Math.floor(y))[0];
  };
}

/** Pixels of the screen for each pixel of the image, of which every plane is fitted alike. */
async function scaleOf(page: Page): Promise<number> {
  const box = await page.locator(".sides").boundingBox();
  const [right, down] = [SIZE.x + SIZE.z, SIZE.y + SIZE.z];
  return 0.96 * Math.min(((box?.width ?? 0) - 2) / right, ((box?.height ?? 0) - 2) / down);
}

describeWithChromium("the orthogonal views", (chromium) => {
  test("show the planes through the position that a click, keys and the slider of z move", async () => {
    await using visited = await visit(chromium(), served.url, { width: 800, height: 420 });
    const { page, complaints } = visited;
    await chooseFile(page, await ramp());
    await page.getByRole("button", { name: "Orthogonal views" }).click();
    await page.locator(".pane[data-plane=zy]").waitFor();
    const check = async (x: number, y: number, z: number): Promise<void> => {
      const screen = await stagePixels(page);
      const xy = await planeReader(page, screen, "xy", [SIZE.x, SIZE.y]);
      const xz = await planeReader(page, screen, "xz", [SIZE.x, SIZE.z]);
      const zy = await planeReader(page, screen, "zy", [SIZE.z, SIZE.y]);
      for (const [a, b] of [
        [3, 5],
        [17, 21],
      ] as const) {
        expect([xy(a, b), xz(a, b), zy(a, b)], `at ${a}, ${b} of ${x}, ${y}, ${z}`).toEqual([
          pixelAt(a, b, z),
          pixelAt(a, y, b),
          pixelAt(x, b, a),
        ]);
      }
    };
    await check(24, 16, 12);

    const scale = await scaleOf(page);
    const pane = await page.locator(".pane[data-plane=xz]").boundingBox();
    const [middleX, middleY] = [(pane?.width ?? 0) / 2, (pane?.height ?? 0) / 2];
    const position = { x: middleX + (10.5 - 24) * scale, y: middleY + (7.5 - 12) * scale };
    await page.locator(".pane[data-plane=xz]").click({ position });
    await expect.poll(() => page.url()).toContain("cross=10,16");
    expect(await page.getByLabel("Position along z").inputValue()).toBe("7");
    await check(10, 16, 7);

    await page.getByLabel("Position along z").fill("2");
    await page.locator(".stage").press("ArrowRight");
    await page.locator(".stage").press("ArrowUp");
    await page.locator(".stage").press("PageUp");
    await check(11, 15, 3);
    expect(page.url()).toContain("sides=1");
    expect(complaints).toEqual([]);
  });

  test(
    "have names and enough room on a phone, are zoomed, saved, and shown by a link",
    skipFor(outsideSample()),
    async () => {
      for (const [, look] of LOOKS) {
        await using visited = await visit(chromium(), served.url, look);
        const { page } = visited;
        await page.evaluate(
          (hash) => history.replaceState(null, "", hash),
          "#of=image.ozx&image=/&sides=1&cross=40,60&at.z=9",
        );
        await chooseFile(page, await sampleArchive({ size: { y: 128, x: 160, z: 30 }, levels: 2 }));
        await page.locator(".pane[data-plane=zy]").waitFor();
        await page.locator(".stage[data-complete=true]").waitFor();
        await page.getByRole("checkbox", { name: "cells", exact: true }).check();
        await page.locator(".stage[data-complete=true]").waitFor();
        expect(await accessibilityFaults(page)).toEqual([]);
        await picture(page, `orthogonal views, ${look.width}`);
        for (let times = 0; times < 3; times++) await page.locator(".stage").press("+");
        await page.waitForTimeout(300);
        await page.locator(".stage[data-complete=true]").waitFor();
        await picture(page, `orthogonal views, ${look.width}, near`);
        const png = await savedPng(page);
        const stage = await page.locator(".stage").boundingBox();
        expect([png.width, png.height]).toEqual([stage?.width, Math.round(stage?.height ?? 0)]);
      }
    },
  );
});

describeWithChromium("a projection along z", (chromium) => {
  test("is the largest value, or the mean, of the planes of a range", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 900, height: 500 });
    const { page, complaints } = visited;
    await chooseFile(page, await ramp());
    const middle = async (): Promise<number> => {
      const screen = await stagePixels(page);
      return screen.at(Math.floor(screen.width / 2) + 2, Math.floor(screen.height / 2) + 2)[0];
    };
    expect(await middle(), "one plane").toBe(pixelAt(24, 16, 12));
    await page.getByLabel("Projection along z").selectOption({ label: "Maximum" });
    await page.getByLabel("Last position along z").fill("20");
    await expect.poll(middle).toBe(pixelAt(24, 16, 19));
    await page.getByLabel("Projection along z").selectOption({ label: "Mean" });
    await page.getByLabel("First position along z").fill("3");
    // The planes 3 to 19, of which the mean is 11.
    await expect.poll(middle).toBe(pixelAt(24, 16, 11));
    await expect.poll(() => page.url()).toContain("project=mean:3:20");
    expect(await page.getByLabel("Position along z", { exact: true }).count()).toBe(0);
    await picture(page, "projection");
    expect(complaints).toEqual([]);
  });
});
