import { describeWithChromium, imageMetadata, outsideSample, skipFor, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { savedPng, stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

/** A stack of one value, deeper than is drawn, in red with the given window. */
function redStack(channel: Readonly<Record<string, unknown>>): Promise<Uint8Array> {
  const omero = { channels: [{ color: "FF0000", active: true, ...channel }] };
  const array = { shape: [300, 16, 16], dataType: "uint8", valueAt: () => 128 } as const;
  return archiveOf(smallImage({ "/": { ...imageMetadata("zyx"), omero } }, { "/0": array }));
}

async function colourInTheMiddle(page: Page): Promise<readonly number[]> {
  const screen = await stagePixels(page);
  return screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2));
}

describeWithChromium("a volume", (chromium) => {
  test("has the colours of the slice, with gamma, however deep it is", async () => {
    await using visited = await visit(chromium(), served.url, { width: 600, height: 400 });
    const { page, complaints } = visited;
    await chooseFile(page, await redStack({ window: { start: 0, end: 255, min: 0, max: 255 } }));
    expect(await colourInTheMiddle(page), "the slice").toEqual([128, 0, 0]);
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    await page.getByText("3D draws one of 2 along z.").waitFor();
    await expect.poll(() => colourInTheMiddle(page)).toEqual([128, 0, 0]);
    await page.getByRole("button", { name: /γ/ }).click();
    await page.getByLabel("gamma").fill("0.5");
    await expect.poll(() => colourInTheMiddle(page)).toEqual([64, 0, 0]);
    await expect.poll(() => page.url()).toContain("3d=1");
    await page.locator(".stage-canvas").click();
    await page.locator(".stage").press("Enter");
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".scale-bar").waitFor();
    expect(await page.locator(".readout").count(), "values of a plane that is not shown").toBe(0);
    expect(complaints).toEqual([]);
  });

  test(
    "shows the smallest, the largest and the nearest values of the part that is chosen",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url, { width: 700, height: 600 });
      const { page, complaints } = visited;
      const omero = { channels: [{ color: "FF0000", window: { start: 0, end: 255, min: 0, max: 255 } }] };
      // Half of the planes are dim, and half are bright.
      const valueAt = (index: number): number => (index < 32 ** 3 / 2 ? 60 : 200);
      const array = { shape: [32, 32, 32], dataType: "uint8", valueAt } as const;
      const hash = "#of=image.ozx&image=/&3d=1&orbit=0,0,0";
      await page.evaluate((next) => history.replaceState(null, "", next), hash);
      await chooseFile(
        page,
        await archiveOf(smallImage({ "/": { ...imageMetadata("zyx"), omero } }, { "/0": array })),
      );
      await page.locator(".stage-canvas[data-volume=true]").waitFor();
      const red = async (): Promise<number> => (await colourInTheMiddle(page))[0] ?? 0;
      await expect.poll(red).toBe(200);
      const mode = page.getByLabel("Projection of the volume");
      await mode.selectOption({ label: "Minimum" });
      await expect.poll(red).toBe(60);
      await mode.selectOption({ label: "Additive" });
      await expect.poll(red).toBe(200);
      await mode.selectOption({ label: "Maximum" });
      await page.getByLabel("Last position along z").fill("12");
      await expect.poll(red).toBe(60);
      await expect.poll(() => page.url()).toContain("clip.z=0:12");
      await page.locator(".stage").press("ArrowRight");
      await expect.poll(() => page.url()).toContain("orbit=0,16,0");
      await picture(page, "volume, cut");
      await page.getByRole("button", { name: "Reset the volume" }).click();
      await expect.poll(red).toBe(200);
      await expect.poll(() => page.url()).not.toMatch(/clip|orbit/);
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(complaints).toEqual([]);
    },
  );

  test("has labels over it in their colours, none of which are mixed", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 700, height: 600 });
    const { page, complaints } = visited;
    const omero = { channels: [{ color: "FF0000", window: { start: 0, end: 255, min: 0, max: 255 } }] };
    const array = { shape: [32, 32, 32], dataType: "uint8", valueAt: () => 100 } as const;
    // Number 7 is a box in the middle of number 3.
    const boxOf = (from: number, to: number) => (index: number) => {
      const axes = [index % 32, Math.floor(index / 32) % 32, Math.floor(index / 1024)];
      return axes.every((at) => at >= from && at < to) ? 7 : 3;
    };
    const label = {
      colors: [
        { "label-value": 3, rgba: [0, 0, 0, 0] },
        { "label-value": 7, rgba: [10, 200, 90, 255] },
      ],
    };
    const [clear] = label.colors;
    const inner = { colors: [clear, { "label-value": 7, rgba: [0, 0, 200, 255] }] };
    const map = smallImage(
      {
        "/": { ...imageMetadata("zyx"), omero },
        "/labels": { version: "0.5", labels: ["cells", "inner"] },
        "/labels/cells": { ...imageMetadata("zyx"), "image-label": label },
        "/labels/inner": { ...imageMetadata("zyx"), "image-label": inner },
      },
      {
        "/0": array,
        "/labels/cells/0": { ...array, valueAt: boxOf(8, 24) },
        "/labels/inner/0": { ...array, valueAt: boxOf(12, 20) },
      },
    );
    const hash = "#of=image.ozx&image=/&3d=1&orbit=0,0,0&label=0:1";
    await page.evaluate((next) => history.replaceState(null, "", next), hash);
    await chooseFile(page, await archiveOf(map));
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    await expect.poll(() => colourInTheMiddle(page)).toEqual([10, 200, 90]);
    await page.getByLabel("cells: opacity").fill("0.5");
    await expect.poll(() => colourInTheMiddle(page)).toEqual([55, 100, 45]);
    // What is inside is seen through the cells before it, though it is further down the list.
    await page.getByRole("checkbox", { name: "inner" }).check();
    await page.getByLabel("inner: opacity").fill("1");
    await expect.poll(() => colourInTheMiddle(page)).toEqual([5, 100, 145]);
    await page.getByLabel("Last position along z").fill("4");
    await expect.poll(() => colourInTheMiddle(page)).toEqual([100, 0, 0]);
    expect(complaints).toEqual([]);
  });

  test("is shown, saved as PNG, and closed again", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 390, height: 844, dark: true });
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive({ size: { y: 128, x: 128, z: 24 }, levels: 1 }));
    await page.locator(".stage[data-complete=true]").waitFor();
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    await page.getByRole("checkbox", { name: "cells", exact: true }).check();
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    const litInTheMiddle = async (): Promise<number> => {
      const screen = await stagePixels(page);
      const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
      const offsets = [-20, -10, 0, 10, 20];
      return offsets.filter((offset) => Math.max(...screen.at(x + offset, y + offset)) > 60).length;
    };
    await expect.poll(litInTheMiddle).toBeGreaterThan(3);
    await picture(page, "volume");
    expect(await accessibilityFaults(page)).toEqual([]);
    const png = await savedPng(page);
    const middle = png.at(Math.floor(png.width / 2), Math.floor(png.height / 2));
    expect(Math.max(...middle), "the middle of the PNG").toBeGreaterThan(30);
    const stage = await page.locator(".stage").boundingBox();
    expect([png.width, png.height]).toEqual([stage?.width, Math.round(stage?.height ?? 0)]);
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".scale-bar").waitFor();
    expect(complaints).toEqual([]);
  });
});
