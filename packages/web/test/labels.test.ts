import { describeWithChromium, imageMetadata, outsideSample, skipFor, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

const SIZE = 64;
const WINDOW = { start: 0, end: 255, min: 0, max: 255 };

/** A grey image under cells, which cover its left three quarters, and nuclei, which cover its middle half. */
function twoLabels(): Promise<Uint8Array> {
  const columns = (from: number, to: number, label: number) => (index: number) =>
    index % SIZE >= from && index % SIZE < to ? label : 0;
  const labelled = (label: number, rgba: readonly number[], properties: object) => ({
    ...imageMetadata("yx"),
    "image-label": {
      colors: [{ "label-value": label, rgba }],
      properties: [{ "label-value": label, ...properties }],
    },
  });
  const array = { shape: [SIZE, SIZE], dataType: "uint8" } as const;
  const omero = { channels: [{ color: "FFFFFF", active: true, window: WINDOW }] };
  return archiveOf(
    smallImage(
      {
        "/": { ...imageMetadata("yx"), omero },
        "/labels": { version: "0.5", labels: ["cells", "nuclei"] },
        "/labels/cells": labelled(3, [200, 0, 0, 255], { area: 12 }),
        "/labels/nuclei": labelled(9, [0, 0, 200, 255], { phase: "G1" }),
      },
      {
        "/0": { ...array, valueAt: () => 100 },
        "/labels/cells/0": { ...array, valueAt: columns(0, 48, 3) },
        "/labels/nuclei/0": { ...array, valueAt: columns(16, 48, 9) },
      },
    ),
  );
}

/** The colours in the first, second and last quarter of the image, which is seen as a whole. */
async function quarters(page: Page): Promise<(readonly number[])[]> {
  const screen = await stagePixels(page);
  const scale = (0.96 * Math.min(screen.width, screen.height)) / SIZE;
  return [8, 24, 56].map((x) =>
    screen.at(Math.round(screen.width / 2 + (x - SIZE / 2) * scale), Math.round(screen.height / 2)),
  );
}

describeWithChromium("label images", (chromium) => {
  test("are drawn over one another, each as opaque as its slider says, and read together", async () => {
    await using visited = await visit(chromium(), served.url, { width: 800, height: 420 });
    const { page, complaints } = visited;
    await chooseFile(page, await twoLabels());
    const grey = [100, 100, 100];
    await page.getByRole("checkbox", { name: "cells" }).check();
    await expect.poll(() => quarters(page)).toEqual([[150, 50, 50], [150, 50, 50], grey]);
    await page.getByRole("checkbox", { name: "nuclei" }).press("Space");
    await page.getByLabel("nuclei: opacity").fill("1");
    await page.getByLabel("cells: opacity").fill("0.8");
    await expect.poll(() => quarters(page)).toEqual([[180, 20, 20], [0, 0, 200], grey]);
    await page.locator(".stage").press("Enter");
    const readout = page.locator(".readout");
    await expect
      .poll(() => readout.textContent())
      .toContain("cells: label 3, area: 12nuclei: label 9, phase: G1");
    await expect.poll(() => page.url()).toContain("label=0:0.8,1:1");

    // Without channels too.
    await page.getByRole("checkbox", { name: "Intensity" }).uncheck();
    await expect.poll(() => readout.textContent()).not.toContain("Intensity");
    expect(await readout.textContent()).toContain("cells: label 3, area: 12");

    // The same view by its address, with the upper one alone.
    await page.getByTitle("Close the image").click();
    await page.evaluate(() => history.replaceState(null, "", "#of=image.ozx&image=/&label=1:0.5"));
    await chooseFile(page, await twoLabels());
    await expect.poll(() => quarters(page)).toEqual([grey, [50, 50, 150], grey]);
    expect(await page.getByRole("checkbox", { name: "cells" }).isChecked()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test("have names and enough room in both themes", skipFor(outsideSample()), async () => {
    for (const [, look] of LOOKS) {
      await using visited = await visit(chromium(), served.url, look);
      const { page } = visited;
      await page.evaluate(() => history.replaceState(null, "", "#of=image.ozx&image=/&label=0:0.5,1:0.7"));
      await chooseFile(page, await twoLabels());
      await page.locator(".stage[data-complete=true]").waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.locator(".labels").scrollIntoViewIfNeeded();
      await picture(page, `labels, ${look.width}`);
    }
  });
});
