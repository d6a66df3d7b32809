import { readFile } from "node:fs/promises";
import { type OpenImage, openOmeZarr } from "@ozx/core";
import { memorySource, memoryStore } from "@ozx/core/container";
import { toPixelBlock } from "@ozx/core/internal";
import { openTiff } from "@ozx/store-tiff";
import { openOzx } from "@ozx/store-zip";
import {
  describeWithChromium,
  imageMetadata,
  outsideSample,
  sampleMap,
  skipFor,
  smallImage,
  testSample,
} from "@ozx/testing";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, colorLabels } from "./page/make-archive.js";
import { choosePrivateFiles, privateFiles } from "./page/own-files.js";
import { compositeOf, decodePng, hashOf } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const NAME = "cells.ozx";
const served = pageServer();

/** Opens the dialog with the keyboard. */
async function openDialog(page: Page) {
  await page.locator(".stage[data-complete=true]").waitFor();
  await page.getByRole("button", { name: "Export picture or region" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.waitFor();
  return dialog;
}

async function downloadBy(page: Page, click: () => Promise<void>) {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

describeWithChromium("the export", (chromium) => {
  testSample(LOOKS, 0)("%s: saves the picture and its pixels", async ([look, size]) => {
    const map = await sampleMap({ size: { c: 2, z: 3, y: 300, x: 400 }, levels: 2, chunk: 128 });
    colorLabels(map);
    await using node = await openOmeZarr(memoryStore(map), { formats: [] });
    const image = node.images[0] as OpenImage;
    const channels = [
      { index: 0, color: "3F7FFF", start: 200, end: 3000, gamma: 0.7 },
      { index: 1, color: "FF3FA0", start: 244, end: 3160 },
    ];
    const shown = { image, level: 0, slice: { z: 1 }, channels, label: { index: 0, opacity: 0.4 } };
    await using visited = await visit(chromium(), served.url, size);
    const { page, complaints } = visited;
    await choosePrivateFiles(page);
    // A camera within the image, so that what is in view is a part of it.
    const camera = { x: 180, y: 140, zoom: Math.log2(size.width / 250) };
    await page.evaluate(
      (hash) => history.replaceState(null, "", `#${hash}`),
      hashOf(NAME, { ...shown, camera }),
    );
    await chooseFile(page, await archiveOf(map), NAME);
    const dialog = await openDialog(page);
    expect(await accessibilityFaults(page)).toEqual([]);
    await picture(page, `export, ${look}`);

    // The pixels in view, with fewer positions along z.
    await dialog.getByLabel("Z: first").fill("2");
    await dialog.getByRole("button", { name: /^Save as .ozx/ }).click();
    await dialog.getByText("Saved cells-region.ozx").waitFor();
    const region = (await privateFiles(page)).get("/cells-region.ozx") ?? Buffer.alloc(0);
    await using cut = await openOmeZarr(await openOzx(memorySource(region)), { formats: [] });
    const text = (await dialog.getByText(/^x \d+ to/).textContent()) ?? "";
    const [left = 0, right = 0, top = 0, bottom = 0] = [...text.matchAll(/\d+/g)].map(Number);
    expect(right - left).toBeLessThan(399);
    expect(cut.images[0]?.level(0).shape).toEqual([2, 2, bottom - top + 1, right - left + 1]);
    const valuesOf = async (one: OpenImage | undefined, at: object) =>
      toPixelBlock((await one?.level(0).read({ c: 1, ...at })) as never).data;
    const range = { z: 1, y: [top, bottom + 1], x: [left, right + 1] } as const;
    expect(await valuesOf(cut.images[0], { z: 0 })).toEqual(await valuesOf(image, range));
    expect(cut.images[0]?.labels).toHaveLength(1);

    await dialog.getByLabel("OME-TIFF").check();
    await dialog.getByRole("button", { name: "Save as .ome.tif" }).click();
    await dialog.getByText("Saved cells-region.ome.tif: OME-TIFF, 4 planes").waitFor();
    const tiff = (await privateFiles(page)).get("/cells-region.ome.tif") ?? Buffer.alloc(0);
    await using copy = await openOmeZarr(await openTiff(memorySource(tiff)), { formats: [] });
    expect(await valuesOf(copy.images[0], { z: 0 })).toEqual(await valuesOf(image, range));
    expect(copy.images[0]?.level(0).scale).toEqual(cut.images[0]?.level(0).scale);
    expect(copy.images[0]?.channels.map(({ label, color }) => [label, color])).toEqual(
      image.channels.map(({ label, color }) => [label, color]),
    );
    expect(await accessibilityFaults(page)).toEqual([]);

    // The whole image in full resolution.
    await dialog.getByLabel("The whole image").check();
    await dialog.getByRole("button", { name: /^Full resolution/ }).click();
    await dialog.getByLabel("Scale bar").uncheck();
    const save = () => dialog.getByRole("button", { name: "Save as PNG" }).click();
    const file = await downloadBy(page, save);
    expect(file.name).toBe("cells 400×300.png");
    const png = await decodePng(page, file.bytes);
    expect([png.width, png.height]).toEqual([400, 300]);
    const rgba = await compositeOf(shown);
    let wrong = 0;
    for (let at = 0; at < 400 * 300; at++) {
      const colors = png.at(at % 400, Math.floor(at / 400));
      if (colors.some((color, part) => Math.abs(color - (rgba[4 * at + part] ?? 0)) > 1)) wrong++;
    }
    expect(wrong, "pixels unlike core's composite").toBe(0);

    await dialog.getByLabel("Scale bar").check();
    await dialog.getByLabel("Width").fill("200");
    const small = await decodePng(page, (await downloadBy(page, save)).bytes);
    expect([small.width, small.height]).toEqual([200, 150]);
    const lowest = Array.from({ length: 40 }, (_, at) => small.at(17 + Math.floor(at / 20), 120 + (at % 30)));
    expect(
      lowest.some((colors) => Math.min(...colors) === 255),
      "a white bar at the lower left",
    ).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(() => dialog.count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test(
    "of a picture larger than any canvas reports its progress, and can be cancelled",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url, { width: 800, height: 500 });
      const { page, complaints } = visited;
      const arrays = { "/0": { shape: [40_000, 40_000], chunks: [1000, 1000] }, "/1": { shape: [400, 400] } };
      const map = smallImage({ "/": imageMetadata("yx", ["0", "1"]) }, arrays as never);
      await chooseFile(page, await archiveOf(map), NAME);
      const dialog = await openDialog(page);
      await dialog.getByLabel("The whole image").check();
      await dialog.getByRole("button", { name: "Full resolution, 40000" }).click();
      await dialog.getByRole("button", { name: "Save as PNG" }).click();
      await dialog.getByText(/^Drawing, [1-9]\d* %/).waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await dialog.getByRole("button", { name: "Save as PNG" }).waitFor();
      expect(await dialog.getByRole("alert").count()).toBe(0);
      expect(complaints).toEqual([]);
    },
  );

  test("tells which chunk cannot be read", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 800, height: 500 });
    const { page } = visited;
    const map = await sampleMap({
      codec: "gzip",
      size: { c: 1, z: 1, y: 300, x: 300 },
      levels: 2,
      chunk: 128,
    });
    map.set("/0/c/0/0/2/2", new Uint8Array(100));
    await chooseFile(page, await archiveOf(map), NAME);
    const dialog = await openDialog(page);
    await dialog.getByLabel("The whole image").check();
    await dialog.getByRole("button", { name: "Save as PNG" }).click();
    await dialog.getByRole("alert").getByText("chunk (0, 0, 2, 2) of /0").waitFor();
  });
});
