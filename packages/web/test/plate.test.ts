import { describeWithChromium, outsideSample, skipFor, startRangeServer, testSample } from "@ozx/testing";
import { expect, test } from "vitest";
import { isNamed } from "../src/plate/well-filter.js";
import { accessibilityFaults } from "./page/axe.js";
import { chooseFile, LOOKS, type Page, picture, visit } from "./page/drive.js";
import { archiveOf } from "./page/make-archive.js";
import { plateMap, smallPlate } from "./page/make-plate.js";
import { stagePixels } from "./page/pixels.js";
import { pageServer } from "./page/serve-page.js";

const served = pageServer();

/** The middle of the thumbnail of a well or a field: its red, by the name of its button. */
function redOf(page: Page, button: string): Promise<number | undefined> {
  return page
    .getByRole("button", { name: button, exact: true })
    .locator("canvas[data-state=drawn]")
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      // A copy, since reading a canvas that is drawn on makes it slow.
      const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      context?.drawImage(canvas as HTMLCanvasElement, 0, 0);
      return context?.getImageData(width >> 1, height >> 1, 1, 1).data[0];
    });
}

test.each([
  ["", "A1 A2 A12 B1 B2 B12"],
  ["b", "B1 B2 B12"],
  ["2", "A2 B2"],
  ["A02, B12", "A2 B12"],
  ["A2-B12", "A2 A12 B2 B12"],
  ["1-2", "A1 A2 B1 B2"],
  ["C, A7", ""],
])("the text %j names the wells %s", (text, expected) => {
  const plate = { rows: ["A", "B"], columns: ["1", "2", "12"] };
  const wells = plate.rows.flatMap((row) => plate.columns.map((column) => ({ row, column })));
  const named = wells.filter((well) => isNamed(well, text, plate)).map(({ row, column }) => row + column);
  expect(named.join(" ")).toBe(expected);
});

describeWithChromium("a plate", (chromium) => {
  test(
    "shows its wells; a well shows its fields, the chosen one large",
    skipFor(outsideSample()),
    async () => {
      await using visited = await visit(chromium(), served.url);
      const { page, complaints } = visited;
      await chooseFile(page, await archiveOf(await plateMap()), "plate.ozx");
      await page.getByRole("heading", { name: "a small plate" }).waitFor();
      expect(await page.getByText("5 of 6 wells").count()).toBe(1);
      await expect.poll(() => page.locator(".thumbnail[data-state=drawn]").count()).toBe(5);
      await picture(page, "plate");
      await page.getByRole("button", { name: "Well B3, 2 fields" }).click();
      await page.getByRole("button", { name: "Field 2" }).click();
      const screen = await stagePixels(page);
      const [red, green, blue] = screen.at(Math.floor(screen.width / 2), Math.floor(screen.height / 2));
      expect(Math.max(red, green, blue), "light in the middle of the picture").toBeGreaterThan(20);
      await expect.poll(() => page.url()).toContain("image=/B/3/1");
      await picture(page, "well");
      await page.getByRole("button", { name: "All wells" }).click();
      await page.getByRole("button", { name: "Well A1, 2 fields" }).waitFor();
      expect(complaints).toEqual([]);
    },
  );

  testSample(LOOKS, 1)(
    "%s: has one contrast, a filter, keys, and mosaics of its fields",
    async ([name, look]) => {
      // Wells have the values 40, 80, … 240, and second fields 5 more.
      const valueAt = (well: number, field: number): number => 40 * (well + 1) + 5 * field;
      const map = smallPlate({ rows: 2, columns: 3, fields: 2, channels: 1, valueAt });
      await using visited = await visit(chromium(), served.url, look);
      const { page, complaints } = visited;
      await chooseFile(page, await archiveOf(map), "plate.ozx");
      await expect.poll(() => redOf(page, "Well B3, 2 fields")).toBe(255);
      await page.getByLabel("Intensity: black, as a number").fill("0");
      await page.getByLabel("Intensity: black, as a number").press("Enter");
      await page.getByLabel("Intensity: full colour, as a number").fill("160");
      await page.getByLabel("Intensity: full colour, as a number").press("Enter");
      await expect.poll(() => redOf(page, "Well A1, 2 fields")).toBe(Math.round((255 * 40) / 160));
      await expect.poll(() => redOf(page, "Well A3, 2 fields")).toBe(Math.round((255 * 120) / 160));
      expect(await accessibilityFaults(page)).toEqual([]);
      await picture(page, `grid, ${name}`);

      await page.getByRole("button", { name: "Well A2, 2 fields" }).focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowLeft");
      expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
        "Well B1, 2 fields",
      );
      await page.getByLabel("Show only some wells").fill("B2-B3");
      await page.getByText("2 of 6 wells match.").waitFor();
      await expect.poll(() => page.locator("button.well").count()).toBe(2);
      await page.getByRole("button", { name: "Well B2, 2 fields" }).press("Enter");

      const title = page.locator("#fields-title");
      await title.getByText("Well B2").waitFor();
      expect(await page.getByLabel("Intensity: full colour, as a number").inputValue()).toBe("160");
      await page.keyboard.press("f");
      await expect.poll(() => page.url()).toContain("image=/B/2/1");
      await page.keyboard.press("w");
      await title.getByText("Well B3").waitFor();
      await expect.poll(() => page.url()).toContain("image=/B/3/1");
      await page.keyboard.press("Shift+W");
      await title.getByText("Well B2").waitFor();
      expect(await accessibilityFaults(page), "a well").toEqual([]);

      await page.getByRole("button", { name: "All fields together" }).click();
      // Until its code is loaded, the well's own fields have the same names.
      await page.locator(".mosaic").waitFor();
      await page.getByRole("heading", { name: "Well B2" }).waitFor();
      await expect.poll(() => redOf(page, "Field 2")).toBe(255);
      const [left, right] = await Promise.all(
        ["Field 1", "Field 2"].map((field) => page.getByRole("button", { name: field }).boundingBox()),
      );
      expect(right?.x).toBeCloseTo((left?.x ?? 0) + (left?.width ?? 0), 0);
      expect(right?.y).toBeCloseTo(left?.y ?? 0, 0);
      await picture(page, `mosaic, ${name}`);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press("w");
      await page.getByRole("heading", { name: "Well B3" }).waitFor();
      await page.getByRole("button", { name: "All wells" }).click();
      await expect.poll(() => redOf(page, "Well A1, 2 fields")).toBe(Math.round((255 * 40) / 160));
      expect(complaints).toEqual([]);
    },
  );

  test("on a server is drawn with one request for each well at most", async () => {
    const valueAt = (well: number): number => 10 * well;
    const map = smallPlate({ rows: 3, columns: 4, fields: 1, channels: 3, valueAt });
    const headers = { "Access-Control-Allow-Origin": "*" };
    await using server = await startRangeServer(await archiveOf(map), { headers });
    await using visited = await visit(chromium(), `${served.url}?source=${encodeURIComponent(server.url)}`);
    const { page } = visited;
    await expect.poll(() => page.locator(".thumbnail[data-state=drawn]").count()).toBe(12);
    expect(server.requests.length).toBeLessThanOrEqual(12 + 5);
  });

  test("of 1536 wells fits on the screen", skipFor(outsideSample()), async () => {
    const valueAt = (well: number): number => well % 256;
    const map = smallPlate({ rows: 32, columns: 48, fields: 1, channels: 1, valueAt });
    await using visited = await visit(chromium(), served.url);
    const { page, complaints } = visited;
    await chooseFile(page, await archiveOf(map), "plate.ozx");
    const drawn = page.locator(".thumbnail[data-state=drawn]");
    await expect.poll(() => drawn.count()).toBeGreaterThan(1200);
    await picture(page, "1536 wells");
    await expect.poll(() => drawn.count()).toBe(1536);
    const hidden = await page
      .locator(".plate-scroll")
      .evaluate((one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]);
    expect(hidden).toEqual([0, 0]);
    expect(complaints).toEqual([]);
  });
});
