import { describeWithChromium, outsideSample, skipFor } from "@ozx/testing";
import { expect, test } from "vitest";
import { chooseFile, picture, visit } from "./page/drive.js";
import { sampleArchive } from "./page/make-archive.js";
import { savedPng, stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

describeWithChromium("a volume", (chromium) => {
  test("is shown, saved as PNG, and closed again", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 700, height: 500 });
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive({ size: { y: 128, x: 128, z: 24 }, levels: 1 }));
    await page.locator(".stage[data-complete=true]").waitFor();
    await page.getByRole("button", { name: "Volume" }).click();
    await page.locator(".stage-canvas[data-volume=true]").waitFor();
    const litInTheMiddle = async (): Promise<number> => {
      const screen = await stagePixels(page);
      const [x, y] = [Math.floor(screen.width / 2), Math.floor(screen.height / 2)];
      const offsets = [-20, -10, 0, 10, 20];
      return offsets.filter((offset) => Math.max(...screen.at(x + offset, y + offset)) > 60).length;
    };
    await expect.poll(litInTheMiddle).toBeGreaterThan(3);
    await picture(page, "volume");
    const png = await savedPng(page);
    const middle = png.at(Math.floor(png.width / 2), Math.floor(png.height / 2));
    expect(Math.max(...middle), "the middle of the PNG").toBeGreaterThan(30);
    const stage = await page.locator(".stage").boundingBox();
    expect([png.width, png.height]).toEqual([stage?.width, stage?.height]);
    await page.getByRole("button", { name: "Volume" }).click();
    await page.locator(".scale-bar").waitFor();
    expect(complaints).toEqual([]);
  });
});
