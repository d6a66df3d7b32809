import { describeWithChromium, imageMetadata, outsideSample, skipFor, smallImage } from "@ozx/testing";
import { expect, test } from "vitest";
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

  test("is shown, saved as PNG, and closed again", skipFor(outsideSample()), async () => {
    await using visited = await visit(chromium(), served.url, { width: 700, height: 500 });
    const { page, complaints } = visited;
    await chooseFile(page, await sampleArchive({ size: { y: 128, x: 128, z: 24 }, levels: 1 }));
    await page.locator(".stage[data-complete=true]").waitFor();
    await page.getByRole("button", { name: /3D/ }).click();
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
    await page.getByRole("button", { name: /3D/ }).click();
    await page.locator(".scale-bar").waitFor();
    expect(complaints).toEqual([]);
  });
});
