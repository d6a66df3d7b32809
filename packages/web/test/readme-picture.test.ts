import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, type Page, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { servePage } from "./page/serve-page.js";

/** `OZX_WRITE_PICTURE=1 npx vitest run packages/web/test/readme-picture.test.ts` writes the picture again. */
const PICTURE = fileURLToPath(new URL("../../../docs/page.png", import.meta.url));

describeWithChromium("the picture in the README", (chromium) => {
  test("shows the sample", skipFor(outsideSample()), async () => {
    await using served = await servePage();
    await using visited = await visit(chromium(), served.url, { width: 860, height: 500 });
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive(), "cells.ozx");
    await page.locator(".stage[data-complete=true]").waitFor();
    const png = await coarser(page, await page.screenshot());
    if (process.env["OZX_WRITE_PICTURE"] === "1") await writeFile(PICTURE, png);
    expect(png.length).toBeLessThan(300_000);
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
