import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, chooseInstead, type Page, visit } from "./page/drive.js";
import { archiveOf, sampleArchive } from "./page/make-archive.js";
import { plateMap } from "./page/make-plate.js";
import { servePage } from "./page/serve-page.js";

/** `OZX_WRITE_PICTURE=1 OZX_TESTS=full npx vitest run packages/web/test/docs-pictures.test.ts` writes them again. */
const isWriting = process.env["OZX_WRITE_PICTURE"] === "1";

const SIZE = { width: 860, height: 500 };

/** Keeps a picture of the documentation, which must stay small. */
async function keep(name: string, content: Buffer, most: number): Promise<void> {
  if (isWriting) await writeFile(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), content);
  expect(content.length, name).toBeLessThan(most);
}

async function shot(page: Page, name: string): Promise<void> {
  const quality = { type: "jpeg", quality: 82 } as const;
  await keep(`pictures/${name}.jpg`, await page.screenshot(quality), 100_000);
}

describeWithChromium("the pictures of the documentation", (chromium) => {
  test("show the sample", skipFor(outsideSample()), async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url, SIZE);
    const { page, complaints } = visited;
    const drawn = page.locator(".stage[data-complete=true]");
    await page.getByRole("heading", { name: "Drop an OME-Zarr image here" }).waitFor();
    await shot(page, "open");

    await chooseFile(page, await sampleArchive(), "cells.ozx");
    await drawn.waitFor();
    await keep("page.png", await coarser(page, await page.screenshot()), 300_000);

    await page.getByRole("checkbox", { name: "Spots" }).uncheck();
    await page.getByLabel("Membrane: full colour, as a number").fill("2200");
    await page.getByLabel("Membrane: full colour, as a number").press("Enter");
    await drawn.waitFor();
    await shot(page, "channels");

    await page.getByRole("checkbox", { name: "cells", exact: true }).check();
    for (let step = 0; step < 4; step++) await page.getByRole("button", { name: "Zoom in" }).click();
    await drawn.waitFor();
    await page.locator(".stage").press("Enter");
    await page.locator(".readout").waitFor();
    await drawn.waitFor();
    await shot(page, "values");

    await page.getByRole("button", { name: "Open another beside it" }).click();
    await page.getByRole("button", { name: "Open it again" }).click();
    await expect.poll(() => drawn.count()).toBe(2);
    await page.getByRole("button", { name: "2, cells.ozx: show its settings" }).click();
    for (const name of ["Nuclei", "Spots"]) await page.getByRole("checkbox", { name }).uncheck();
    await expect.poll(() => drawn.count()).toBe(2);
    await shot(page, "beside");
    await page.getByRole("button", { name: /^Close .* beside it/ }).click();
    await drawn.waitFor();

    await page.getByRole("button", { name: "Export picture or region" }).click();
    await page.getByRole("dialog", { name: "Export" }).waitFor();
    await page.setViewportSize({ width: 860, height: 610 });
    await drawn.waitFor();
    await shot(page, "export");
    await page.keyboard.press("Escape");
    await page.setViewportSize(SIZE);

    await chooseInstead(page, await archiveOf(await plateMap()), "plate.ozx", "");
    await expect.poll(() => page.locator(".thumbnail[data-state=drawn]").count()).toBe(5);
    await shot(page, "plate");
    expect(complaints).toEqual([]);
  });
});

/** The same picture in fewer shades: the difference is invisible, and the PNG is half as large. */
async function coarser(page: Page, png: Buffer): Promise<Buffer> {
  const base64 = await page.evaluate(async (content) => {
    const response = await fetch(`data:image/png;base64,${content}`);
    const bitmap = await createImageBitmap(await response.blob());
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    context.drawImage(bitmap, 0, 0);
    const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
    for (let i = 0; i < pixels.data.length; i++) pixels.data[i] = Math.round((pixels.data[i] ?? 0) / 12) * 12;
    for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255;
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL("image/png").split(",")[1] ?? "";
  }, png.toString("base64"));
  return Buffer.from(base64, "base64");
}
