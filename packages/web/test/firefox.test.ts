import { readFileSync } from "node:fs";
import { openOmeZarr } from "@ozx/core";
import { memorySource, memoryStore } from "@ozx/core/container";
import { toPixelBlock } from "@ozx/core/internal";
import { openTiff } from "@ozx/store-tiff";
import {
  describeWithFirefox,
  imageMetadata,
  outsideSample,
  sampleMap,
  smallImage,
  startRangeServer,
  tempFolder,
} from "@ozx/testing";
import { launchFirefox } from "@ozx/testing/firefox";
import { expect, test } from "vitest";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, type Page, picture, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { plateMap } from "./page/make-plate.js";
import { CAMERA, expectPicture, hashOf, stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";
import { validateWithCommand } from "./page/tools.js";

// What the page does in Firefox as in Chromium, and what it says where it cannot.
const served = pageServer();
const temp = tempFolder();
const SMALL = { size: { c: 2, z: 3, y: 128, x: 128 }, levels: 2, chunk: 64 } as const;

async function shown(page: Page): Promise<void> {
  await page.locator(".stage[data-complete=true]").waitFor();
}

describeWithFirefox("the page in Firefox", outsideSample(), (firefox) => {
  test("draws a chosen file as core does, and keeps its view in the address", async () => {
    const map = await sampleMap({ size: { z: 3, y: 400, x: 400 } });
    await using node = await openOmeZarr(memoryStore(map), { formats: [] });
    const [image] = node.images;
    if (image === undefined) throw new Error("the sample has no image");
    const channels = image.channels.map(({ color = "FFFFFF", window }, index) => ({
      ...{ index, color, start: window?.start ?? 0, end: window?.end ?? 1 },
    }));
    const expected = { image, level: 0, slice: { z: 2 }, channels, camera: CAMERA };
    await using visited = await visit(firefox(), served.url, { width: 800, height: 500 });
    const { page, complaints } = visited;
    await page.evaluate(
      (hash) => history.replaceState(null, "", `#${hash}`),
      hashOf("image.ozx", { ...expected, slice: { z: 1 } }),
    );
    await chooseFile(page, await archiveOf(map));
    await shown(page);
    await page.getByLabel("Position along z").press("ArrowRight");
    await expectPicture(page, expected);
    await expect.poll(() => page.url()).toContain("at.z=2");
    await picture(page, "firefox");
    await page.reload();
    await page.getByText("Choose image.ozx again to see it as before").waitFor();
    await chooseFile(page, await archiveOf(map));
    await shown(page);
    expect(await page.getByLabel("Position along z").inputValue()).toBe("2");
    expect(complaints).toEqual([]);
  });

  test("draws an image on a server, and tells the value under the pointer", async () => {
    const array = { shape: [64, 64], dataType: "uint8", valueAt: (at: number) => at % 64 } as const;
    const archive = await archiveOf(smallImage({ "/": imageMetadata("yx") }, { "/0": array }));
    await using server = await startRangeServer(archive, {
      headers: { "Access-Control-Allow-Origin": "*" },
    });
    await using visited = await visit(firefox(), `${served.url}?source=${encodeURIComponent(server.url)}`, {
      width: 800,
      height: 500,
    });
    const { page, complaints } = visited;
    await shown(page);
    const box = await page.locator(".stage-canvas").boundingBox();
    if (box === null) throw new Error("there is no picture");
    await page.mouse.move(box.x + box.width / 2 + 5, box.y + box.height / 2);
    const readout = page.locator(".readout");
    const text = (await readout.textContent()) ?? "";
    const [, x = "none", value] = /x (\d+), y 32.* (\d+)$/.exec(text.replaceAll(/\s+/g, " ")) ?? [];
    expect(value ?? text).toBe(x);
    await page.mouse.down();
    await page.mouse.up();
    await page.locator(".readout[data-pinned=true]").waitFor();
    expect(complaints).toEqual([]);
  });

  test("validates all data, and shows the entries and the metadata", async () => {
    await using visited = await visit(firefox(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive(SMALL), "cells.ozx");
    await page.getByRole("tab", { name: "Archive" }).click();
    await page.getByRole("button", { name: "Check all data too" }).click();
    await page.getByText("All data was read and decoded").first().waitFor();
    await page.getByRole("tab", { name: "Metadata" }).click();
    await page.getByRole("heading", { name: /nodes$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("downloads an .ozx that is valid, and says what extracts it to a folder", async () => {
    await using visited = await visit(firefox(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive(SMALL), "cells.ozx");
    await page.getByRole("tab", { name: "Convert" }).click();
    await page.getByText("goes to the folder for downloads").waitFor();
    await page.getByText("This browser does not let pages write folders").waitFor();
    await page.getByLabel(/Combine chunks into shards/).check();
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as .ozx" }).click();
    const downloaded = await downloading;
    expect(downloaded.suggestedFilename()).toBe("cells-new.ozx");
    await downloaded.saveAs(temp.path("cells-new.ozx"));
    expect(readFileSync(temp.path("cells-new.ozx")).length).toBeGreaterThan(1000);
    expect((await validateWithCommand(temp.path("cells-new.ozx"))).valid).toBe(true);
    expect(complaints).toEqual([]);
  });

  test("downloads a region as OME-TIFF", async () => {
    const map = await sampleMap(SMALL);
    await using visited = await visit(firefox(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await archiveOf(map), "cells.ozx");
    await shown(page);
    await page.getByRole("button", { name: "Export picture or region" }).click();
    const dialog = page.getByRole("dialog", { name: "Export" });
    await dialog.getByLabel("The whole image").check();
    await dialog.getByLabel("Z: first").press("ArrowUp");
    await dialog.getByLabel("OME-TIFF").check();
    const downloading = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save as .ome.tif" }).click();
    const downloaded = await downloading;
    expect(downloaded.suggestedFilename()).toBe("cells-image.ome.tif");
    await downloaded.saveAs(temp.path("cells.ome.tif"));
    await expect.poll(() => dialog.getByRole("status").textContent()).toContain("OME-TIFF, 4 planes");
    await using node = await openOmeZarr(memoryStore(map), { formats: [] });
    const file = memorySource(readFileSync(temp.path("cells.ome.tif")), "cells.ome.tif");
    await using saved = await openOmeZarr(await openTiff(file), { formats: [] });
    const [before, after] = [node.images[0]?.level(0), saved.images[0]?.level(0)];
    expect(toPixelBlock((await after?.read({ c: 1, z: 0 })) as never).data).toEqual(
      toPixelBlock((await before?.read({ c: 1, z: 1 })) as never).data,
    );
    expect(complaints).toEqual([]);
  });

  test("shows a plate, a well, and goes back", async () => {
    await using visited = await visit(firefox(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await archiveOf(await plateMap()), "plate.ozx");
    await page.getByRole("heading", { name: "a small plate" }).waitFor();
    await expect.poll(() => page.locator(".thumbnail[data-state=drawn]").count()).toBe(5);
    await page.getByRole("button", { name: "Well B3, 2 fields" }).click();
    const screen = await stagePixels(page);
    const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
    const middle = [-60, -30, 0, 30, 60].flatMap((right) => screen.at(x + right, y));
    expect(Math.max(...middle), "light in the middle of the picture").toBeGreaterThan(60);
    // Not `goBack`, which waits for a document to load.
    await page.evaluate(() => history.back());
    await page.getByRole("heading", { name: "a small plate" }).waitFor();
    expect(complaints).toEqual([]);
  });

  test("draws a stack in 3-D in the colours of its planes", async () => {
    const omero = { channels: [{ color: "FF0000", window: { start: 0, end: 255, min: 0, max: 255 } }] };
    const array = { shape: [32, 16, 16], dataType: "uint8", valueAt: () => 128 } as const;
    const stack = smallImage({ "/": { ...imageMetadata("zyx"), omero } }, { "/0": array });
    await using visited = await visit(firefox(), served.url, { width: 600, height: 400 });
    const { page, complaints } = visited;
    await chooseFile(page, await archiveOf(stack));
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    const middle = async (): Promise<readonly number[]> => {
      const screen = await stagePixels(page);
      return screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2));
    };
    await expect.poll(middle).toEqual([128, 0, 0]);
    expect(complaints).toEqual([]);
  });

  test("breaks no rule of axe-core before and after a file is chosen, in dark colours on a phone", async () => {
    await using dark = await launchFirefox({ dark: true });
    await using visited = await visit(dark, served.url, { width: 390, height: 844, dark: true });
    const { page } = visited;
    expect(await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches)).toBe(true);
    expect(await accessibilityFaults(page), "the start page").toEqual([]);
    await chooseFile(page, await sampleArchive(SMALL), "cells.ozx");
    await shown(page);
    // Chromium goes through the other sections.
    expect(await accessibilityFaults(page), "an image").toEqual([]);
  });
});
